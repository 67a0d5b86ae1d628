/**
 * Pages for people's browsers. This door is for the node that serves them: the browser's code is what it builds.
 */
export { WebError, type WebProblem } from './errors.ts';
export { createSite, type Site, type SiteFile } from './site/site.ts';
