/**
 * CONTRIBUTING's table of folders, and what the sources really import. A path of the table is a folder, with all below it that
 * has no row of its own, or one file; `/` is how a folder ends.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { posix, relative, sep } from 'node:path';

export interface Rule {
  readonly folder: string;
  /** What it may import. */
  readonly imports: readonly string[];
  /** What it may import types of. */
  readonly types: readonly string[];
  readonly packages: readonly string[];
}

export interface Import {
  readonly file: string;
  /** A path from the root of the repository, with its ending, or the name of a package. */
  readonly target: string;
  readonly kind: 'source' | 'package';
  readonly isOnlyTypes: boolean;
}

const STATEMENT = /^(?:import|export)\s+([^;'"]*?)\s*from\s+'([^']+)'/gm;
const SIDE_EFFECT = /^import\s+'([^']+)'/gm;
const CALL = /(typeof\s+)?\b(?:import|require)\('([^']+)'\)/g;
const SOURCE = /(?<!\.d)\.ts$/;

/** The rows below a heading: `| folder | what it is | imports | types | packages |`; a cell names paths in backticks. */
export function rulesOf(markdown: string, heading: string): readonly Rule[] {
  const [, after = ''] = markdown.split(`\n## ${heading}\n`);
  const [section = ''] = after.split('\n## ');
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((row) => {
    const [folder = '', , imports = '', types = '', packages = ''] = row.slice(1, -1).split(' | ').map(namesIn);
    return { folder: folder[0] ?? '', imports: [...imports], types: [...types], packages: [...packages] };
  });
}

export function importsBelow(root: string, folders: readonly string[]): readonly Import[] {
  const files = folders.flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && SOURCE.test(entry.name))
      .map((entry) => relative(root, `${entry.parentPath ?? entry.path}/${entry.name}`).replaceAll(sep, '/')),
  );
  return files.flatMap((file) => importsOf(file, readFileSync(`${root}/${file}`, 'utf8')));
}

export function importsOf(file: string, text: string): readonly Import[] {
  const statements = [...text.matchAll(STATEMENT)].map(([, clause = '', path = '']) => ({
    path,
    isOnlyTypes: clause.startsWith('type ') || isListOfTypes(clause),
  }));
  const effects = [...text.matchAll(SIDE_EFFECT)].map(([, path = '']) => ({ path, isOnlyTypes: false }));
  const calls = [...text.matchAll(CALL)].map(([, type, path = '']) => ({ path, isOnlyTypes: type !== undefined }));
  return [...statements, ...effects, ...calls]
    .filter(({ path }) => !path.startsWith('node:'))
    .map(({ path, isOnlyTypes }) => {
      if (!path.startsWith('.')) return { file, target: packageOf(path), kind: 'package', isOnlyTypes };
      const target = posix.join(posix.dirname(file), path);
      return { file, target: /\.[a-z]+$/.test(target) ? target : `${target}.ts`, kind: 'source', isOnlyTypes };
    });
}

/** The row with the longest folder that the file lies in. */
export function ruleFor(file: string, rules: readonly Rule[]): Rule | undefined {
  const holding = rules.filter(({ folder }) => covers(folder, file));
  return holding.sort((a, b) => b.folder.length - a.folder.length)[0];
}

/** Whether an entry of the table stands for that file. */
export function covers(entry: string, file: string): boolean {
  return entry.endsWith('/') ? file.startsWith(entry) : file === entry;
}

function namesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

function isListOfTypes(clause: string): boolean {
  const [, list] = /^\{([^}]*)\}$/s.exec(clause) ?? [];
  const names = list?.split(',').map((name) => name.trim()) ?? [];
  return names.length > 0 && names.every((name) => name === '' || name.startsWith('type '));
}

function packageOf(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/');
}
