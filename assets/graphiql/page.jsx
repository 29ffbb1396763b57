// GraphiQL as this server serves it: same origin only, no CDN, nothing fetched but /graphql.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createClient } from 'graphql-ws';
import React from 'react';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';
import './page.css';

const endpoint = new URL('/graphql', window.location.href);
const socket = new URL(endpoint);
socket.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';

const fetcher = createGraphiQLFetcher({
  url: endpoint.href,
  wsClient: createClient({ url: socket.href, lazy: true }),
});

// The server writes the example into the page, so that it is the same one that it prints on start.
const example = document.getElementById('example').textContent.trim();

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL fetcher={fetcher} defaultQuery={example} shouldPersistHeaders={false} inputValueDeprecation={true} schemaDescription={true}>
    <GraphiQL.Logo>Throughline</GraphiQL.Logo>
  </GraphiQL>,
);
