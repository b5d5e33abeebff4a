/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** "1" stands the pages on an organization kept in memory. Set by the page server only, never by a build for people. */
  readonly VITE_FAKE?: string;
}
