// Prints name, version and licence of each package in the bundle, and each licence text once.
// esbuild's metafile says which packages those are. Addresses of mail are left out of the texts.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const meta = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const bundled = new Set();
for (const input of Object.keys(meta.inputs)) {
  const found = input.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//);
  if (found) bundled.add(found[1]);
}

const texts = new Map();
for (const path of [...bundled].sort()) {
  const { name, version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const file = readdirSync(path).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(path, file), 'utf8') : `Licence: ${license}`;
  const clean = text.replace(/\s*<[^<>\s]+@[^<>\s]+>/g, '').replace(/\s*\([^()\s]+@[^()\s]+\)/g, '').trim();
  texts.set(clean, [...(texts.get(clean) ?? []), `${name} ${version} (${license ?? 'see text'})`]);
}
for (const [text, packages] of texts) console.log(`== ${packages.join('\n== ')}\n\n${text}\n`);
