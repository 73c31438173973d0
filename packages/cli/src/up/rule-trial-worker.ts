/** The worker of a trial: reads segments of packets and tries rules on them (rule-trial.ts). */
import { parentPort, workerData } from 'node:worker_threads';
import { tryRules } from '@annunciator/sensor/rules/trial';
import type { TrialResult, TrialStart } from './rule-trial.ts';

// The process around gives exactly this.
const { files, set, memory, limit } = workerData as TrialStart;
const { trial, errors } = await tryRules(files, set.rules, set.settings, { limit, ...(memory ? { memory } : {}) });
const result: TrialResult = { trial, unread: errors.length };
parentPort?.postMessage(result);
