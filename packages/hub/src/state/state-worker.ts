/**
 * The thread that keeps the state. All requests that have arrived are done in one transaction for each database they
 * concern; answers leave after the commit, so many changes share one write to the disk.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { asHubError } from '../hub-error.ts';
import { DatabaseFiles, type StateRequest } from './database-files.ts';
import type { StateReply, StateSettings } from './state-thread.ts';

/** Requests that share a commit; bounds how long the first one waits. */
const MOST_TOGETHER = 500;

function failure(id: number, error: unknown): StateReply {
  const { code, message } = asHubError(error);
  return { id, code, message };
}

function serve(port: MessagePort, settings: StateSettings): void {
  let files: DatabaseFiles;
  try {
    files = new DatabaseFiles(settings.directory, settings.partitions, settings.limits, settings.now);
  } catch (error) {
    port.postMessage(failure(0, error));
    port.close();
    return;
  }
  port.postMessage({ id: 0, answer: files.partitions } satisfies StateReply);
  port.on('message', (first: StateRequest | 'close') => {
    const done: { reply: StateReply; partition: number }[] = [];
    let request: StateRequest | 'close' | undefined = first;
    while (request !== undefined && request !== 'close') {
      try {
        done.push({ reply: { id: request.id, answer: files.perform(request) }, partition: request.partition });
      } catch (error) {
        done.push({ reply: failure(request.id, error), partition: request.partition });
      }
      if (done.length >= MOST_TOGETHER) break;
      // Messages on this port are requests of state-thread.ts.
      request = receiveMessageOnPort(port)?.message as StateRequest | 'close' | undefined;
    }
    const failed = files.commit();
    for (const { reply, partition } of done) port.postMessage(failed.has(partition) ? failure(reply.id, failed.get(partition)) : reply);
    if (request === 'close') {
      files.close();
      port.close();
    }
  });
}

if (parentPort) serve(parentPort, workerData);
