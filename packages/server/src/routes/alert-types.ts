/** The catalogue of alert types, with how often each was raised. */
import { ENGINES, PORTAL_SEVERITIES } from '@annunciator/core/alert';
import { DAY, fromMilliseconds } from '@annunciator/core/time';
import { z } from 'zod';
import type { AlertDesk } from '../alerts/alert-desk.ts';
import type { App } from '../app.ts';
import { withinRoute } from '../accounts/reach.ts';

const COUNTED = 30n * DAY;
const named = z.array(z.object({ id: z.string(), name: z.string() }));
const alertTypeSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    engine: z.enum(ENGINES),
    engineName: z.string(),
    severity: z.string().describe("The sensor's word"),
    portalSeverity: z.enum(PORTAL_SEVERITIES),
    category: z.string(),
    description: z.string(),
    remediation: z.array(z.string()),
    learnable: z.boolean(),
    muteable: z.boolean(),
    aggregated: z.boolean(),
    disabledByDefault: z.boolean(),
    otOnly: z.boolean().describe('Raised only where an OT device or an OT protocol takes part'),
    tier: z.number().describe('1: open specifications; 2: partly public ones; 3: the protocol is closed'),
    detected: z.boolean().describe('Whether the sensor has a detector for it'),
    trigger: z.string().describe('What makes the sensor raise it beside the threshold; why it does not when it is not detected'),
    threshold: z.object({ count: z.number(), windowSeconds: z.number(), metric: z.string(), documented: z.boolean() }).nullable(),
    protocols: z.array(z.string()),
    tactics: named,
    techniques: named,
    alerts: z.number().describe('Alerts of this type whose last detection lies in the last 30 days'),
  })
  .meta({ id: 'AlertType' });

export function addAlertTypeRoutes(app: App, { alerts: desk }: { alerts: AlertDesk }): void {
  app.get(
    '/api/alert-types',
    {
      config: { permission: 'alerts.view', byPlace: true },
      schema: { tags: ['Alerts'], summary: 'The catalogue of alert types', response: { 200: z.array(alertTypeSchema) } },
    },
    async (request) => {
      const from = fromMilliseconds(Date.now()) - COUNTED;
      const { groups } = await desk.store.groups({ filters: [], from, ...withinRoute(request) }, 'type');
      const alerts = new Map(groups.map(({ value, count }) => [value, count]));
      return desk.types.all().map((type) => ({
        ...type,
        engineName: desk.types.engineName(type.engine),
        remediation: [...type.remediation],
        protocols: [...type.protocols],
        tactics: [...type.tactics],
        techniques: [...type.techniques],
        otOnly: type.focus === 'ot-only',
        alerts: alerts.get(type.id) ?? 0,
      }));
    },
  );
}
