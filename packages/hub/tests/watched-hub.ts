/** A hub under test whose custom alerts are evaluated, and what they find. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '@annunciator/rules/evaluation/finding';
import type { Rule } from '@annunciator/rules/groups/security-group';
import { HubSecurity } from '../src/security/hub-security.ts';
import { until } from './device-suite.ts';
import { OWNER, TestHub, type TestHubOptions } from './hub-under-test.ts';

export class WatchedHub {
  readonly hub: TestHub;
  readonly security: HubSecurity;
  /** What was found, as it was told last. */
  readonly found: Map<string, Finding>;
  readonly #directory: string;
  readonly #ownsDirectory: boolean;

  private constructor(hub: TestHub, security: HubSecurity, found: Map<string, Finding>, directory: string, ownsDirectory: boolean) {
    this.hub = hub;
    this.security = security;
    this.found = found;
    this.#directory = directory;
    this.#ownsDirectory = ownsDirectory;
  }

  static async start({ snapshotMs = 10_000, ...options }: TestHubOptions & { readonly snapshotMs?: number } = {}): Promise<WatchedHub> {
    const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'annunciator-watched-')));
    const clock = options.clock ?? Date.now;
    const security = await HubSecurity.open({
      folder: join(directory, 'security'),
      historyBytes: 2 ** 24,
      clock,
      steadyClock: clock,
      snapshotMs,
      log: (line) => console.error(line),
    });
    const hub = await TestHub.start({ ...options, directory, consumers: [security] });
    await security.start(hub.hub.context);
    const found = new Map<string, Finding>();
    security.handOver(async (findings) => {
      for (const finding of findings) found.set(finding.id, finding);
    });
    return new WatchedHub(hub, security, found, directory, options.directory === undefined);
  }

  /** A device in a group. */
  async device(deviceId: string, group: string): ReturnType<TestHub['create']> {
    const device = await this.hub.create(deviceId);
    await this.hub.hub.twins.change(OWNER, device, { tags: { SecurityGroup: group } }, 'patch', null, 0);
    return device;
  }

  rule(group: string, ...rules: Rule[]): Promise<unknown> {
    return this.security.saveGroups([{ name: group, rules }], 'test');
  }

  /** Findings about a device so far. */
  of(deviceId: string): Finding[] {
    return [...this.found.values()].filter((finding) => finding.deviceId === deviceId);
  }

  /** Waits for findings of a device. */
  async seen(deviceId: string, count = 1): Promise<Finding[]> {
    await until(() => {
      this.security.tick();
      return this.of(deviceId).length >= count;
    });
    return this.of(deviceId);
  }

  async stop(): Promise<void> {
    await this.hub.stop();
    await this.security.close();
    if (this.#ownsDirectory) await rm(this.#directory, { recursive: true, force: true });
  }
}
