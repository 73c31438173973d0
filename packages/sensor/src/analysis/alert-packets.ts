/** The packets of each alert of an analysis, as a running system keeps them: its frames, and those of its devices around them. */
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Alert, Detection } from '@annunciator/core/alert';
import type { RawRecords } from '@annunciator/packet/capture/packet-source';
import type { Packet } from '@annunciator/packet/packet';
import type { AddressTable } from '@annunciator/packet/tables/address-table';
import type { Evidence } from '../process/messages.ts';
import { evidencePath, PacketStore, pinOf } from '../process/packet-store.ts';

/** Bytes of the newest packets that are kept meanwhile. */
const BUDGET = 4_000_000_000;

export class AlertPackets {
  readonly #folder: string;
  readonly #work: string;
  readonly #store: PacketStore;
  /** What became of them, by alert: the last word counts. */
  readonly #told = new Map<string, Evidence>();

  /**
   * @param folder exists; the files come there, and a folder to work in that is gone at the end
   * @param addresses of the sensor's decoder
   * @throws the error of the file system
   */
  constructor(folder: string, addresses: AddressTable) {
    this.#folder = folder;
    this.#work = mkdtempSync(join(folder, '.packets-'));
    this.#store = new PacketStore({ folder: this.#work, budget: BUDGET, fresh: true }, addresses, (evidence) =>
      this.#told.set(evidence.alert, evidence),
    );
  }

  begin(raw: RawRecords | null): void {
    this.#store.begin(raw);
  }

  append(packet: Packet): void {
    this.#store.append(packet);
  }

  index(packet: Packet): void {
    this.#store.index(packet);
  }

  /** A detection raised an alert. */
  raised(alert: Alert, { frames }: Detection): void {
    if (alert.pcap.state === 'available') this.#store.pin(pinOf(alert, frames));
  }

  async batch(raw: RawRecords | null): Promise<void> {
    await this.#store.batch(raw);
  }

  /**
   * No packet comes any more: the files `<alert id>.pcapng` are there. Gives why alerts have none, by their ids, and how many have one.
   * @throws the error of the file system
   */
  async finish(): Promise<{ readonly written: number; readonly missing: ReadonlyMap<string, string> }> {
    await this.#store.finish();
    await this.#store.close();
    const missing = new Map<string, string>();
    let written = 0;
    for (const [alert, evidence] of this.#told) {
      if (evidence.state === 'missing') missing.set(alert, evidence.reason);
      else {
        renameSync(evidencePath(join(this.#work, 'evidence'), evidence.sha256), join(this.#folder, `${alert}.pcapng`));
        written++;
      }
    }
    rmSync(this.#work, { recursive: true, force: true });
    return { written, missing };
  }
}
