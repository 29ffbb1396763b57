#!/usr/bin/env bash
# Bundles GraphiQL into assets/graphiql/dist, which is committed and embedded in the binary.
# Run it after a change of a version in package.json. Needs node and npm; the server needs neither.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --ignore-scripts
rm -rf dist
npx esbuild page.jsx --bundle --minify --format=iife --target=es2020 --outfile=dist/graphiql.js \
  --define:process.env.NODE_ENV='"production"' --legal-comments=none --loader:.woff2=dataurl --log-level=warning \
  --metafile=dist/meta.json
# What is bundled, by name and licence, for whoever passes the binary on.
node licenses.mjs dist/meta.json > dist/LICENSES.txt
rm dist/meta.json
ls -l dist
