/** The thread that runs queries, so that a long one holds up neither messages nor changes. It only reads. */
import { join } from 'node:path';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { asHubError } from '../hub-error.ts';
import { partitionFolder } from '../state/database-files.ts';
import { Sql } from '../state/sql.ts';
import { listDevices } from './device-list.ts';
import type { QueryReply, QueryRequest } from './query-thread.ts';
import { queryTwins } from './twin-query.ts';

function serve(port: MessagePort, { directory, partitions }: { directory: string; partitions: number }): void {
  const databases = Array.from(
    { length: partitions },
    (_, partition) => new Sql(join(partitionFolder(directory, partition), 'state.sqlite'), { readOnly: true, steps: [] }),
  );
  port.on('message', (request: QueryRequest | 'close') => {
    if (request === 'close') {
      for (const database of databases) database.close();
      port.close();
      return;
    }
    const { id } = request;
    try {
      port.postMessage({ id, answer: answerTo(databases, request) } satisfies QueryReply);
    } catch (error) {
      const { code, message } = asHubError(error);
      port.postMessage({ id, code, message } satisfies QueryReply);
    }
  });
}

function answerTo(databases: readonly Sql[], request: QueryRequest) {
  if (request.kind === 'devices') return listDevices(databases, request.question);
  const { text, pageSize, continuation } = request.question;
  return queryTwins(databases, text, pageSize, continuation, Date.now);
}

if (parentPort) serve(parentPort, workerData);
