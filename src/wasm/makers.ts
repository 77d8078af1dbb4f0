/** Everything that shapes a prepared component, in one text that is part of its key: change any, and all are made anew. */
const GENERATOR = 'jco-transpile 0.15.0';
/** Raised when glue.ts, names.ts, safe-core-names.ts, what is written into core modules or the manifest change what is stored. */
const STORE_FORMAT = 8;

export const MAKERS = `${GENERATOR}, format ${STORE_FORMAT}`;
