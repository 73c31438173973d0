/** The catalogue of alert types, with how often each was raised. */
import type { AlertType } from '@annunciator/core/alert-type';
import { ENGINES, PORTAL_SEVERITIES, SEVERITIES } from '@annunciator/core/alert';
import { PORTAL_SEVERITY } from '@annunciator/core/severity';
import { DAY, fromMilliseconds } from '@annunciator/core/time';
import { z } from 'zod';
import type { AlertDesk } from '../alerts/alert-desk.ts';
import { thresholdProblem, type TypeSwitches } from '../alerts/type-switches.ts';
import type { App } from '../app.ts';
import { type Audit, recordDone } from '../audit.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { notFound, RequestError } from '../http/request-error.ts';
import { withinRoute } from '../accounts/reach.ts';

const COUNTED = 30n * DAY;
const named = z.array(z.object({ id: z.string(), name: z.string() }));
const thresholdSchema = z.object({ count: z.number(), windowSeconds: z.number() });
const settingSchema = z.object({
  on: z.boolean().optional(),
  severity: z.enum(SEVERITIES).optional(),
  threshold: thresholdSchema.optional(),
});
const alertTypeSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    engine: z.enum(ENGINES),
    engineName: z.string(),
    severity: z.string().describe("The sensor's word, as it holds"),
    portalSeverity: z.enum(PORTAL_SEVERITIES),
    category: z.string(),
    description: z.string(),
    remediation: z.array(z.string()),
    learnable: z.boolean(),
    muteable: z.boolean(),
    aggregated: z.boolean(),
    disabledByDefault: z.boolean(),
    on: z.boolean().describe('Raised from now on where it is detected'),
    set: settingSchema.describe('What somebody set in place of what the catalogue says'),
    otOnly: z.boolean().describe('Raised only where an OT device or an OT protocol takes part'),
    tier: z.number().describe('1: open specifications; 2: partly public ones; 3: the protocol is closed'),
    detected: z.boolean().describe('Whether the sensor has a detector for it'),
    trigger: z.string().describe('What makes the sensor raise it beside the threshold; why it does not when it is not detected'),
    threshold: z.object({ count: z.number(), windowSeconds: z.number(), metric: z.string(), documented: z.boolean() }).nullable(),
    dataSource: z.string().optional().describe('IoT Hub or Agent, for types about devices at the hub, which switches them itself'),
    protocols: z.array(z.string()),
    tactics: named,
    techniques: named,
    alerts: z.number().describe('Alerts of this type whose last detection lies in the last 30 days'),
  })
  .meta({ id: 'AlertType' });

export interface AlertTypeRoutes {
  readonly alerts: AlertDesk;
  /** Nothing can be set without. */
  readonly switches: TypeSwitches | undefined;
  readonly audit: Audit;
}

export function addAlertTypeRoutes(app: App, { alerts: desk, switches, audit }: AlertTypeRoutes): void {
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
        ...inForce(type),
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

  app.patch(
    '/api/alert-types/:id',
    {
      config: { permission: 'engines.edit' },
      schema: {
        tags: ['Alerts'],
        summary: 'Switch a type of alert on or off, set the severity of its alerts, or its threshold; null goes back to the catalogue',
        description:
          'Holds at once, for all sensors and for what is detected from then on; alerts that are there stay as they are. What was counted towards a threshold goes on towards the new one.',
        params: z.object({ id: z.string().max(200) }),
        body: z
          .object({
            on: z.boolean().nullable().optional(),
            severity: z.enum(SEVERITIES).nullable().optional(),
            threshold: thresholdSchema.nullable().optional(),
          })
          .strict(),
        response: { 200: settingSchema, 400: refusalSchema, 404: refusalSchema, 409: refusalSchema },
      },
    },
    async (request) => {
      const { id } = request.params;
      const type = desk.types.get(id);
      if (!type) throw notFound('type of alert', id);
      if (!switches || type.dataSource !== undefined || !type.detected)
        throw new RequestError(
          409,
          'conflict',
          type.detected
            ? `${type.title} is about devices at the IoT hub: switch it on the Security page of the hub.`
            : `No detector makes ${type.title} yet, so there is nothing to switch.`,
        );
      const { threshold } = request.body;
      const problem = threshold ? thresholdProblem(type, threshold) : null;
      if (problem !== null) throw new RequestError(400, 'bad_setting', problem);
      const { before, after } = await switches.change(id, request.body);
      await recordDone(audit, request, 'alert-type.change', [id], { before: { ...before }, after: { ...after } });
      return after;
    },
  );

  function inForce(type: AlertType): Pick<z.infer<typeof alertTypeSchema>, 'on' | 'set' | 'severity' | 'portalSeverity'> {
    const set = switches?.of(type.id) ?? {};
    return {
      on: switches?.isOn(type) ?? !type.disabledByDefault,
      set,
      severity: set.severity ?? type.severity,
      portalSeverity: set.severity ? PORTAL_SEVERITY[set.severity] : type.portalSeverity,
    };
  }
}
