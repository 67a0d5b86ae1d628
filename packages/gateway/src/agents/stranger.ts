/** Who has no key of this gateway, as endpoints know it: it is shown what is free, and pays inside its calls. */
export const STRANGER = 'stranger';
