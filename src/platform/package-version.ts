/** Version of this package, as its package.json says; read once, when it is first needed by whoever imports this. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE_FILE = join(__dirname, '..', '..', '..', 'package.json');
const content: { readonly version: string } = JSON.parse(readFileSync(PACKAGE_FILE, 'utf8'));

export const PACKAGE_VERSION = content.version;
