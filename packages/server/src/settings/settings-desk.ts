/**
 * The settings of the system in force: what somebody set in the portal, else what the system was started with. A change is
 * written before it holds, and holds before it is answered.
 */
import { DAY, type Instant } from '@annunciator/core/time';
import type { JsonValue } from '@annunciator/store/settings';
import type { AlertRetention } from '../alerts/alert-desk.ts';
import type { PortalRecords } from '../portal-records.ts';
import { keptSettings, type SystemSettings, USUAL_SETTINGS } from './system-settings.ts';

const KEPT = 'system.settings';

export class SettingsDesk {
  /** What holds where nobody has set anything: options of the command. */
  readonly usual: SystemSettings;
  readonly #store: PortalRecords['settings'];
  readonly #atStart: SystemSettings;
  #set: Partial<SystemSettings>;
  #apply: (settings: SystemSettings) => Promise<void> = () => Promise.resolve();
  #changes: Promise<unknown> = Promise.resolve();

  private constructor(store: PortalRecords['settings'], usual: SystemSettings, set: Partial<SystemSettings>) {
    this.#store = store;
    this.usual = usual;
    this.#set = set;
    this.#atStart = this.current;
  }

  /** Opens what the store kept. @param usual what the system was started with, where that is not the usual */
  static async open(store: PortalRecords['settings'], usual: Partial<SystemSettings> = {}): Promise<SettingsDesk> {
    return new SettingsDesk(store, { ...USUAL_SETTINGS, ...usual }, keptSettings(await store.get(KEPT)));
  }

  get current(): SystemSettings {
    return { ...this.usual, ...this.#set };
  }

  /** How long alerts are kept, as the alert desk asks for it. */
  get alertRetention(): AlertRetention {
    const { closeQuietAlertsAfterDays, deleteClosedAlertsAfterDays } = this.current;
    return { quiet: BigInt(closeQuietAlertsAfterDays) * DAY, closed: BigInt(deleteClosedAlertsAfterDays) * DAY };
  }

  /** How long silent devices are kept, as the device desk asks for it. */
  get deviceRetention(): Instant {
    return BigInt(this.current.deleteSilentDevicesAfterDays) * DAY;
  }

  /** What is set and holds from the next start on only, as a sentence; null when everything holds. */
  get waiting(): string | null {
    const [before, now] = [this.#atStart.packetGigabytes, this.current.packetGigabytes];
    if (before > 0 === now > 0) return null;
    return now > 0
      ? 'Packets are kept from the next start of the system on: it was started without room for them.'
      : 'Packets are kept as before until the next start of the system; then those that are there are deleted.';
  }

  /** Does what a change asks of the rest of the system, each time and now. */
  hold(apply: (settings: SystemSettings) => Promise<void>): Promise<void> {
    this.#apply = apply;
    return apply(this.current);
  }

  /** Sets what is given; the caller has checked it. Resolves when it is kept and holds. */
  change(part: Partial<SystemSettings>): Promise<{ readonly before: SystemSettings; readonly after: SystemSettings }> {
    const turn = this.#changes.then(async () => {
      const before = this.current;
      const set = { ...this.#set, ...part };
      await this.#store.set({ [KEPT]: set as JsonValue });
      this.#set = set;
      await this.#apply(this.current);
      return { before, after: this.current };
    });
    this.#changes = turn.catch(() => undefined);
    return turn;
  }
}
