// Runs every audit of the npm package graphql-http against a server: node run.mjs http://127.0.0.1:8080/graphql
// An audit that is not ok fails the run, warnings and notices included. So does a number of audits other than expected:
// a run that asked nothing must not pass.
import { auditServer } from 'graphql-http';

const EXPECTED = 61;
const url = process.argv[2];
if (!url) {
  console.error('usage: node run.mjs URL');
  process.exit(2);
}

const results = await auditServer({ url });
const failed = results.filter((result) => result.status !== 'ok');
for (const { id, name, status, reason, response } of failed) {
  console.log(`${status.toUpperCase()} ${id} ${name}\n     ${reason} (status ${response?.status})`);
}
if (results.length !== EXPECTED) {
  console.log(`expected ${EXPECTED} audits, the package has ${results.length}`);
}
console.log(`graphql-http audit: ${results.length - failed.length} passed, ${failed.length} failed`);
process.exit(failed.length === 0 && results.length === EXPECTED ? 0 : 1);
