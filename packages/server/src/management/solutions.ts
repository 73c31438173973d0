/** Solutions as `Microsoft.Security/iotSecuritySolutions` has them (api-version 2019-08-01). */
import type { SecuritySettings } from '@annunciator/hub/security/security-settings';
import { z } from 'zod';
import type { SecurityDesk } from '../hub/security-desk.ts';
import type { Answer } from './device-security-groups.ts';
import { ManagementError, notThere } from './management-error.ts';
import type { Target } from './target.ts';

/** Recommendations that a solution can switch on and off, by the API's names and with its words. */
const RECOMMENDATIONS = [
  ['IoT_ACRAuthentication', 'Service Principal Not Used with ACR'],
  ['IoT_AgentSendsUnutilizedMessages', 'Agent sending underutilized messages'],
  ['IoT_Baseline', 'Operating system (OS) baseline validation failure'],
  ['IoT_EdgeHubMemOptimize', 'Edge Hub memory can be optimized'],
  ['IoT_EdgeLoggingOptions', 'No Logging Configured for Edge Module'],
  ['IoT_InconsistentModuleSettings', 'Module Settings Inconsistent'],
  ['IoT_InstallAgent', 'Install the Azure Security of Things Agent'],
  ['IoT_IPFilter_DenyAll', 'Default IP Filter Policy should be Deny'],
  ['IoT_IPFilter_PermissiveRule', 'IP Filter rule includes large IP range'],
  ['IoT_OpenPorts', 'Open Ports On Device'],
  ['IoT_PermissiveFirewallPolicy', 'Permissive firewall policy in one of the chains was found'],
  ['IoT_PermissiveInputFirewallRules', 'Permissive firewall rule in the input chain was found'],
  ['IoT_PermissiveOutputFirewallRules', 'Permissive firewall rule in the output chain was found'],
  ['IoT_PrivilegedDockerOptions', 'High level permissions configured in Edge model twin for Edge module'],
  ['IoT_SharedCredentials', 'Same Authentication Credentials used by multiple devices'],
  ['IoT_VulnerableTLSCipherSuite', 'TLS cipher suite upgrade needed'],
] as const;

const onOff = z.enum(['Enabled', 'Disabled']);
const recommendation = z.object({ recommendationType: z.enum(RECOMMENDATIONS.map(([type]) => type)), status: onOff });
const resources = z.object({ query: z.string().nullable(), querySubscriptions: z.array(z.string()).nullable() }).nullish();
const propertiesSchema = z.object({
  workspace: z.string().max(300).nullish(),
  displayName: z.string().min(1).max(260),
  status: onOff.default('Enabled'),
  export: z.array(z.enum(['RawEvents'])).default([]),
  disabledDataSources: z.array(z.enum(['TwinData'])).default([]),
  iotHubs: z.array(z.string().min(1)).min(1),
  userDefinedResources: resources,
  recommendationsConfiguration: z.array(recommendation).default([]),
  unmaskedIpLoggingStatus: onOff.default('Disabled'),
  additionalWorkspaces: z
    .array(z.object({ workspace: z.string(), type: z.enum(['Sentinel']), dataTypes: z.array(z.enum(['Alerts', 'RawEvents'])) }))
    .default([]),
});
const tagsSchema = z.record(z.string(), z.string());
const solutionSchema = z.object({ location: z.string().optional(), tags: tagsSchema.optional(), properties: propertiesSchema });
const changeSchema = z.object({
  tags: tagsSchema.nullish(),
  properties: z
    .strictObject({ userDefinedResources: resources, recommendationsConfiguration: z.array(recommendation).nullish() })
    .nullish(),
});

interface Kept {
  readonly id: string;
  readonly name: string;
  readonly location: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: z.infer<typeof propertiesSchema>;
  readonly created: { readonly at: number; readonly by: string };
  readonly changed: { readonly at: number; readonly by: string };
}

export class Solutions {
  readonly #settings: SecuritySettings;
  readonly #desk: SecurityDesk;
  readonly #clock: () => number;

  constructor(settings: SecuritySettings, desk: SecurityDesk, clock: () => number) {
    this.#settings = settings;
    this.#desk = desk;
    this.#clock = clock;
  }

  /** Those of a subscription or a resource group. @param filter such as `properties.iotHubs/any(i eq "ID")` */
  list({ scope }: Target, filter: string | undefined): Answer {
    const hub = filter === undefined ? undefined : hubOfFilter(filter);
    const value = this.#settings
      .documents()
      .filter(([path]) => path.startsWith(`${scope.toLowerCase()}/`) && path.includes(SOLUTIONS))
      .map(([, text]) => keptOf(text))
      .filter(({ properties }) => hub === undefined || properties.iotHubs.some((id) => id.toLowerCase() === hub))
      .map(bodyOf);
    return { status: 200, body: { value } };
  }

  /** @throws ManagementError when there is none */
  get(target: Target, name: string): Answer {
    return { status: 200, body: bodyOf(this.#find(target, name)) };
  }

  #find(target: Target, name: string): Kept {
    const text = this.#settings.document(pathOf(target, name));
    if (text === undefined) throw notThere('IoT security solution', name);
    return keptOf(text);
  }

  async put(target: Target, name: string, body: unknown, by: string): Promise<Answer> {
    const given = parsed(solutionSchema, body);
    const path = pathOf(target, name);
    const text = this.#settings.document(path);
    const before = text === undefined ? undefined : keptOf(text);
    const now = { at: this.#clock(), by };
    const id = `${target.scope}/providers/Microsoft.Security/IoTSecuritySolutions/${encodeURIComponent(name)}`;
    const kept = {
      id,
      name,
      location: given.location ?? before?.location,
      tags: given.tags ?? {},
      properties: given.properties,
      created: before?.created ?? now,
      changed: now,
    };
    await this.#settings.setDocument(path, JSON.stringify(kept));
    // The solution is what switches the protection of its hub, and says where its events go.
    await this.#desk.protect(given.properties.status === 'Enabled', by);
    const resourceGroups =
      target.resourceGroup === null ? {} : { resourceGroups: [...new Set([...this.#desk.resourceGroups, target.resourceGroup])] };
    await this.#desk.setPlace({ workspace: given.properties.workspace ?? null, ...resourceGroups }, by);
    return { status: before ? 200 : 201, body: bodyOf(kept) };
  }

  /** Tags, user-defined resources and recommendations only. */
  async patch(target: Target, name: string, body: unknown, by: string): Promise<Answer> {
    const before = this.#find(target, name);
    const { tags, properties } = parsed(changeSchema, body);
    const kept: Kept = {
      ...before,
      tags: tags ?? before.tags,
      properties: {
        ...before.properties,
        ...(properties?.userDefinedResources ? { userDefinedResources: properties.userDefinedResources } : {}),
        ...(properties?.recommendationsConfiguration
          ? {
              recommendationsConfiguration: merged(before.properties.recommendationsConfiguration, properties.recommendationsConfiguration),
            }
          : {}),
      },
      changed: { at: this.#clock(), by },
    };
    await this.#settings.setDocument(pathOf(target, name), JSON.stringify(kept));
    return { status: 200, body: bodyOf(kept) };
  }

  async delete(target: Target, name: string): Promise<Answer> {
    const path = pathOf(target, name);
    if (this.#settings.document(path) === undefined) return { status: 204 };
    await this.#settings.setDocument(path, null);
    return { status: 200 };
  }

  /** @throws ManagementError when there is none */
  check(target: Target, name: string): void {
    this.#find(target, name);
  }
}

const SOLUTIONS = '/iotsecuritysolutions/';

function pathOf({ scope }: Target, name: string): string {
  return `${scope}${SOLUTIONS}${name}`.toLowerCase();
}

function keptOf(text: string): Kept {
  // Written by put and patch.
  return JSON.parse(text) as Kept;
}

function parsed<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [{ path, message }] = result.error.issues;
  throw new ManagementError(400, 'InvalidParameter', `${path.join('.') || 'The body'}: ${message}.`);
}

function hubOfFilter(filter: string): string {
  const match = /^properties\.iotHubs\/any\(\s*(\w+)\s+eq\s+["'](.+)["']\s*\)$/i.exec(filter.trim());
  if (match) return match[2].toLowerCase();
  throw new ManagementError(
    400,
    'InvalidParameter',
    `The filter ${JSON.stringify(filter.slice(0, 100))} is none: give properties.iotHubs/any(i eq "ID").`,
  );
}

type Configuration = Kept['properties']['recommendationsConfiguration'];

function merged(before: Configuration, change: Configuration): Configuration {
  const kept = before.filter(({ recommendationType }) => !change.some((one) => one.recommendationType === recommendationType));
  return [...kept, ...change];
}

function bodyOf({ id, name, location, tags, properties, created, changed }: Kept): object {
  const { userDefinedResources, recommendationsConfiguration, ...own } = properties;
  const statusOf = (type: string): 'Enabled' | 'Disabled' =>
    recommendationsConfiguration.find(({ recommendationType }) => recommendationType === type)?.status ?? 'Enabled';
  return {
    id,
    name,
    type: 'Microsoft.Security/IoTSecuritySolutions',
    ...(location === undefined ? {} : { location }),
    tags,
    properties: {
      ...own,
      ...(userDefinedResources ? { userDefinedResources } : {}),
      autoDiscoveredResources: own.iotHubs,
      recommendationsConfiguration: RECOMMENDATIONS.map(([recommendationType, words]) => ({
        recommendationType,
        name: words,
        status: statusOf(recommendationType),
      })),
    },
    systemData: {
      createdAt: new Date(created.at).toISOString(),
      createdBy: created.by,
      createdByType: 'User',
      lastModifiedAt: new Date(changed.at).toISOString(),
      lastModifiedBy: changed.by,
      lastModifiedByType: 'User',
    },
  };
}
