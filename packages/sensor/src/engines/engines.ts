/** The five engines and their parts, made together: they share the judge and the baseline. */
import type { AspectText } from '@annunciator/protocols/dissector';
import type { TextTable } from '@annunciator/packet/tables/text-table';
import type { Baseline } from '../baseline/baseline.ts';
import type { ReviewList } from '../baseline/review-list.ts';
import { RuleEngine, type RuleReport } from '../rules/engine.ts';
import { AnomalyEngine } from './anomaly.ts';
import { BackupWatch } from './backups.ts';
import { BandwidthEngine } from './bandwidth.ts';
import { ChannelEngine } from './channels.ts';
import { Conversations } from './conversations.ts';
import { FirmwareWatch } from './firmware-watch.ts';
import { InternetEngine } from './internet.ts';
import { LeaseFloodDetector } from './lease-flood.ts';
import type { Judge } from './judge.ts';
import { MalwareEngine } from './malware.ts';
import { OperationalEngine } from './operational.ts';
import { PolicyEngine } from './policy.ts';
import { ProtocolViolationEngine } from './protocol-violation.ts';
import { Reviewer } from './reviewer.ts';
import { ScanDetector } from './scan.ts';
import { SensorTrafficEngine } from './sensor-traffic.ts';
import type { ThreatIntelligence } from './threats.ts';
import { TunnelDetector } from './tunnels.ts';
import { WindowsEngine } from './windows.ts';

export class Engines {
  readonly conversations = new Conversations();
  readonly judge: Judge;
  readonly reviewer: Reviewer;
  readonly policy: PolicyEngine;
  readonly internet: InternetEngine;
  readonly violations: ProtocolViolationEngine;
  readonly malware: MalwareEngine;
  readonly tunnels: TunnelDetector;
  readonly windows: WindowsEngine;
  readonly anomaly: AnomalyEngine;
  readonly scans: ScanDetector;
  readonly leases: LeaseFloodDetector;
  readonly bandwidth: BandwidthEngine;
  readonly backups: BackupWatch;
  readonly firmware: FirmwareWatch;
  readonly channels: ChannelEngine;
  readonly operational: OperationalEngine;
  readonly sensorTraffic: SensorTrafficEngine;
  readonly rules: RuleEngine;

  constructor(
    judge: Judge,
    baseline: Baseline,
    review: ReviewList,
    texts: TextTable,
    aspects: ReadonlyMap<number, AspectText>,
    threats: ThreatIntelligence,
    rules: RuleReport,
  ) {
    this.judge = judge;
    this.reviewer = new Reviewer(judge, baseline, review);
    this.policy = new PolicyEngine(judge, baseline, this.reviewer, aspects, (interned) => texts.text(interned));
    this.internet = new InternetEngine(judge, this.policy);
    this.violations = new ProtocolViolationEngine(judge);
    this.malware = new MalwareEngine(judge, threats);
    this.tunnels = new TunnelDetector(judge, this.malware);
    this.windows = new WindowsEngine(judge, baseline);
    this.anomaly = new AnomalyEngine(judge, baseline);
    this.scans = new ScanDetector(judge, baseline, this.conversations);
    this.leases = new LeaseFloodDetector(judge);
    this.backups = new BackupWatch(judge, baseline);
    this.firmware = new FirmwareWatch(judge);
    this.bandwidth = new BandwidthEngine(judge, baseline);
    this.channels = new ChannelEngine(judge, baseline);
    this.operational = new OperationalEngine(judge, baseline);
    this.sensorTraffic = new SensorTrafficEngine(judge);
    this.rules = new RuleEngine(judge, texts, rules);
  }
}
