export interface LoadGossip {
  placeholder?: never;
}
