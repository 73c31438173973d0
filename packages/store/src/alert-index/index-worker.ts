/**
 * The thread that holds the alert index: it fills it from the database, then answers questions with rows. Saves are told
 * to it in the order in which they were written, so a question sees every save that was answered before it.
 */
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { RECORD_COLUMNS, type RecordRow, WHOLE_COLUMNS, type WholeRow } from '../alert-row.ts';
import { OPENING, type Reply } from '../asked-thread.ts';
import { failureOf } from '../sqlite-failure.ts';
import { AlertIndex, type IndexedAlert } from './alert-index.ts';
import { type CsvLines, FURTHER_COLUMNS, type FurtherRow } from './csv-lines.ts';
import type { IndexAnswers, ToIndex } from './index-messages.ts';
import type { Ordered } from './order.ts';

interface Stream {
  readonly ordered: Ordered;
  readonly lines: CsvLines | undefined;
}

class IndexThread {
  readonly #index = new AlertIndex();
  readonly #database: DatabaseSync;
  readonly #record: StatementSync;
  readonly #whole: StatementSync;
  readonly #further: StatementSync;
  readonly #streams = new Map<number, Stream>();
  #lastStream = 0;

  constructor(directory: string) {
    this.#database = new DatabaseSync(join(directory, 'annunciator.sqlite'), { readOnly: true, timeout: 5000 });
    this.#database.exec('PRAGMA cache_size = -65536');
    this.#record = this.#database.prepare(`SELECT ${RECORD_COLUMNS} FROM alerts WHERE seq = ?`);
    this.#record.setReturnArrays(true);
    this.#whole = this.#database.prepare(`SELECT ${WHOLE_COLUMNS} FROM alerts JOIN alert_evidence USING (seq) WHERE seq = ?`);
    this.#whole.setReturnArrays(true);
    this.#further = this.#database.prepare(`SELECT ${FURTHER_COLUMNS} FROM alerts WHERE seq = ?`);
    this.#further.setReturnArrays(true);
  }

  /** Fills the index; returns the number of the last change. */
  load(): number {
    // The columns are named as the properties of an IndexedAlert.
    for (const row of this.#database.prepare(ALL_INDEXED).iterate()) this.#index.load(row as unknown as IndexedAlert);
    return this.#index.lastChange;
  }

  async answer(message: Extract<ToIndex, { id: number }>): Promise<IndexAnswers[typeof message.kind]> {
    const index = this.#index;
    switch (message.kind) {
      case 'page': {
        const { query, limit, cursor } = message.asked;
        const { seqs, ...rest } = index.page(query, limit, cursor);
        return { rows: this.#records(seqs).filter((row) => row !== undefined), ...rest };
      }
      case 'count':
        return index.count(message.asked.match);
      case 'groups':
        return index.groups(message.asked.match, message.asked.column);
      case 'series':
        return index.series(message.asked.match, message.asked.series);
      case 'openByDevice':
        return index.openByDevice();
      case 'batch': {
        const { match, after, limit } = message.asked;
        const seqs = index.batch(match, after, limit);
        return { rows: this.#wholeRows(seqs), after: seqs.at(-1) ?? after };
      }
      case 'openOf':
        return this.#wholeRows(index.openOf(message.asked.traffic));
      case 'changes': {
        const { changes, more } = index.changes(message.asked.after, message.asked.limit);
        return { rows: this.#records(changes.map(({ seq }) => seq)), changes, more };
      }
      case 'open':
        return this.#open({ ordered: index.ordered(message.asked.query), lines: message.asked.csv && index.csvLines(message.asked.csv) });
      case 'next': {
        const stream = this.#streams.get(message.asked.stream);
        return stream ? this.#records(index.take(stream.ordered, message.asked.limit)).filter((row) => row !== undefined) : [];
      }
      case 'nextCsv':
        return this.#csv(this.#streams.get(message.asked.stream), message.asked.limit);
      case 'end':
        this.#end(message.asked.stream);
        return null;
      case 'close':
        this.#database.close();
        return null;
    }
  }

  apply(message: Exclude<ToIndex, { id: number }>): void {
    if (message.kind === 'apply') this.#index.apply(message.alerts);
    else if (message.kind === 'decide') this.#index.decide(message.alerts);
    else this.#index.remove(message.seqs);
  }

  /** Sorts in pieces, so that other questions get their turn. */
  async #open(stream: Stream): Promise<number> {
    while (stream.ordered.prepare()) await new Promise((resolve) => setImmediate(resolve));
    this.#streams.set(++this.#lastStream, stream);
    return this.#lastStream;
  }

  #csv(stream: Stream | undefined, limit: number): Uint8Array<ArrayBuffer> {
    const lines = stream?.lines;
    if (!stream || !lines) return new Uint8Array(0);
    // The columns of FURTHER_COLUMNS.
    const further = (seq: number): FurtherRow | undefined => this.#further.get(seq) as unknown as FurtherRow | undefined;
    return this.#atOnce(() => this.#index.takeCsv(stream.ordered, limit, lines, further));
  }

  #end(number: number): void {
    const stream = this.#streams.get(number);
    if (stream) this.#index.release(stream.ordered);
    this.#streams.delete(number);
  }

  /** What lists need of alerts, in the order of their numbers; nothing for one that was removed in this moment. */
  #records(seqs: readonly number[]): (RecordRow | undefined)[] {
    // The columns of RECORD_COLUMNS.
    return this.#atOnce(() => seqs.map((seq) => this.#record.get(seq) as unknown as RecordRow | undefined));
  }

  #wholeRows(seqs: readonly number[]): WholeRow[] {
    // The columns of WHOLE_COLUMNS.
    return this.#atOnce(() => seqs.map((seq) => this.#whole.get(seq) as unknown as WholeRow | undefined)).filter(
      (row) => row !== undefined,
    );
  }

  /** Reads in one transaction: all rows are of one moment, and SQLite locks once. */
  #atOnce<Rows>(read: () => Rows): Rows {
    this.#database.exec('BEGIN');
    try {
      return read();
    } finally {
      this.#database.exec('COMMIT');
    }
  }
}

/** Every alert as the index takes it: the columns are those of `IndexedAlert`, made as `indexedAlert` of alert-row.ts makes them. */
const ALL_INDEXED = `
  SELECT seq, id, change, born, severity_rank AS severity, title, engine, first_detection / 1000 AS firstDetection,
    last_detection / 1000 AS lastDetection, last_activity / 1000 AS lastActivity, status, disposition, category, type,
    coalesce(protocol, '') AS protocol, coalesce(source_id, '') AS sourceId,
    coalesce(source_name, source_address, source_mac, source_id, '') AS sourceDevice, coalesce(source_address, '') AS sourceAddress,
    coalesce(destination_id, '') AS destinationId,
    coalesce(destination_name, destination_address, destination_mac, destination_id, '') AS destinationDevice,
    coalesce(destination_address, '') AS destinationAddress, sensor, site, zone, tactics,
    traffic_hash AS traffic, coalesce(data_source, '') AS dataSource, coalesce(security_group, '') AS securityGroup,
    message || coalesce(' ' || source_mac, '') || coalesce(' ' || destination_mac, '') AS message
  FROM alerts ORDER BY seq`;

function serve(port: MessagePort, directory: string): void {
  let thread: IndexThread;
  try {
    thread = new IndexThread(directory);
    port.postMessage({ id: OPENING, answer: thread.load() } satisfies Reply<unknown>);
  } catch (error) {
    port.postMessage(failureOf(OPENING, error) satisfies Reply<unknown>);
    port.close();
    return;
  }
  port.on('message', (message: ToIndex) => {
    if (!('id' in message)) return thread.apply(message);
    const { id, kind } = message;
    void thread
      .answer(message)
      .then((answer): Reply<unknown> => ({ id, answer }))
      .catch((error: unknown): Reply<unknown> => failureOf(id, error))
      .then((reply) => {
        // Bytes are handed over, not copied.
        const bytes = 'answer' in reply && reply.answer instanceof Uint8Array ? reply.answer.buffer : undefined;
        port.postMessage(reply, bytes instanceof ArrayBuffer ? [bytes] : []);
        if (kind === 'close') port.close();
      });
  });
}

if (parentPort) serve(parentPort, workerData);
