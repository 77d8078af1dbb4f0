/**
 * What mutants are made of: the texts of corpus/seeds, and of real components the small sections (types, imports,
 * exports, names), since a mutant of 18 MB would cost a thousand times as much and differ in its data.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundledPlugin, bytesOf, fixture, fromText, REPOSITORY } from '../wasm/components';
import { type Binary, encodeTree, isBinary, parseTree } from './section-tree';

const CORPUS = join(REPOSITORY, 'test', 'fuzz', 'corpus');

/** A section larger than this is code or data. */
const SMALL_SECTION_BYTES = 16_384;

/** Component and core modules written as text; small enough for every stage. */
export async function writtenSeeds(): Promise<Uint8Array[]> {
  return (await corpus('seeds')).map(({ bytes }) => bytes);
}

export async function corpus(part: 'seeds' | 'findings'): Promise<readonly { name: string; bytes: Uint8Array }[]> {
  const folder = join(CORPUS, part);
  return Promise.all(
    readdirSync(folder)
      .sort()
      .map(async (name) => ({ name, bytes: await fromText(readFileSync(join(folder, name), 'utf8')) })),
  );
}

/** The example that the package ships, and one that is written as hardly anybody does. */
export function hostTomls(): Uint8Array[] {
  return [join(REPOSITORY, 'examples', 'host.toml'), join(CORPUS, 'host-toml', 'unusual.toml')].map(bytesOf);
}

/** Slices of what componentize-py makes: valid to its readers, not to V8. */
export function slicedSeeds(): Uint8Array[] {
  return [bundledPlugin('bme680'), fixture('demo_0_2_0')].flatMap((path) => {
    const tree = parseTree(bytesOf(path));
    if (!tree) throw new Error(`${path} is no component`);
    return [encodeTree(slice(tree)), ...coreModules(tree).map((module) => encodeTree(slice(module)))];
  });
}

function slice({ header, sections }: Binary): Binary {
  return {
    header,
    sections: sections.filter(({ content }) => !isBinary(content) && content.length < SMALL_SECTION_BYTES),
  };
}

function coreModules({ sections }: Binary): Binary[] {
  return sections.flatMap(({ id, content }) => (id === 1 && isBinary(content) ? [content] : []));
}
