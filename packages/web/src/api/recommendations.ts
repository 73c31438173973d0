/** Recommendations as the server gives them (GET /api/openapi.json: Recommendation). */
import type { Severity } from './alerts.ts';
import { get } from './client.ts';

export interface Recommendation {
  readonly id: string;
  readonly name: string;
  readonly severity: Severity;
  readonly description: string;
  readonly remediation: readonly string[];
  readonly unhealthyDevices: number;
  readonly healthyDevices: number;
  readonly lastUpdate: string | null;
  /** Addresses of the inventory that ask for the devices. */
  readonly unhealthy: string;
  readonly healthy: string;
}

export function fetchRecommendations(): Promise<readonly Recommendation[]> {
  return get('/api/recommendations');
}
