/**
 * The pages of the portal. A page is one file that exports its component as `Page`, and one line here: the navigation and
 * the addresses follow from it.
 */
import { Alert20Filled, Alert20Regular } from '@fluentui/react-icons/svg/alert';
import { AlertUrgent20Filled, AlertUrgent20Regular } from '@fluentui/react-icons/svg/alert-urgent';
import { DeveloperBoard20Filled, DeveloperBoard20Regular } from '@fluentui/react-icons/svg/developer-board';
import { BookDatabase20Filled, BookDatabase20Regular } from '@fluentui/react-icons/svg/book-database';
import { DataHistogram20Filled, DataHistogram20Regular } from '@fluentui/react-icons/svg/data-histogram';
import { Lightbulb20Filled, Lightbulb20Regular } from '@fluentui/react-icons/svg/lightbulb';
import { BuildingFactory20Filled, BuildingFactory20Regular } from '@fluentui/react-icons/svg/building-factory';
import { BookOpen20Filled, BookOpen20Regular } from '@fluentui/react-icons/svg/book-open';
import { History20Filled, History20Regular } from '@fluentui/react-icons/svg/history';
import { Organization20Filled, Organization20Regular } from '@fluentui/react-icons/svg/organization';
import { Home20Filled, Home20Regular } from '@fluentui/react-icons/svg/home';
import { Timeline20Filled, Timeline20Regular } from '@fluentui/react-icons/svg/timeline';
import { BroadActivityFeed20Filled, BroadActivityFeed20Regular } from '@fluentui/react-icons/svg/broad-activity-feed';
import { Iot20Filled, Iot20Regular } from '@fluentui/react-icons/svg/iot';
import { ShieldTask20Filled, ShieldTask20Regular } from '@fluentui/react-icons/svg/shield-task';
import { Key20Filled, Key20Regular } from '@fluentui/react-icons/svg/key';
import { People20Filled, People20Regular } from '@fluentui/react-icons/svg/people';
import { Settings20Filled, Settings20Regular } from '@fluentui/react-icons/svg/settings';
import { VirtualNetwork20Filled, VirtualNetwork20Regular } from '@fluentui/react-icons/svg/virtual-network';
import { type ComponentType, lazy, type LazyExoticComponent } from 'react';

export interface PageEntry {
  readonly path: string;
  /** Null: reached from another page, not from the navigation. */
  readonly label: string | null;
  readonly section: 'Discover' | 'Analyze' | 'IoT hub' | 'Manage';
  /** What one has to be permitted, at least somewhere, to be shown it; null for everybody who is signed in. */
  readonly permission: string | null;
  readonly icon?: ComponentType;
  readonly activeIcon?: ComponentType;
  readonly page: LazyExoticComponent<ComponentType>;
}

export const PAGES: readonly PageEntry[] = [
  {
    path: '/overview',
    label: 'Overview',
    section: 'Discover',
    permission: 'alerts.view',
    icon: Home20Regular,
    activeIcon: Home20Filled,
    page: lazy(async () => ({ default: (await import('../overview/overview-page.tsx')).Page })),
  },
  {
    path: '/alerts',
    label: 'Alerts',
    section: 'Discover',
    permission: 'alerts.view',
    icon: Alert20Regular,
    activeIcon: Alert20Filled,
    page: lazy(async () => ({ default: (await import('../alerts/alerts-page.tsx')).Page })),
  },
  {
    path: '/alerts/:id',
    label: null,
    section: 'Discover',
    permission: 'alerts.view',
    page: lazy(async () => ({ default: (await import('../alerts/alert-details-page.tsx')).Page })),
  },
  {
    path: '/devices',
    label: 'Device inventory',
    section: 'Discover',
    permission: 'devices.view',
    icon: DeveloperBoard20Regular,
    activeIcon: DeveloperBoard20Filled,
    page: lazy(async () => ({ default: (await import('../devices/devices-page.tsx')).Page })),
  },
  {
    path: '/devices/:number',
    label: null,
    section: 'Discover',
    permission: 'devices.view',
    page: lazy(async () => ({ default: (await import('../devices/device-details-page.tsx')).Page })),
  },
  {
    path: '/map',
    label: 'Device map',
    section: 'Discover',
    permission: 'devices.view',
    icon: Organization20Regular,
    activeIcon: Organization20Filled,
    page: lazy(async () => ({ default: (await import('../map/map-page.tsx')).Page })),
  },
  {
    path: '/events',
    label: 'Event timeline',
    section: 'Analyze',
    permission: 'timeline.view',
    icon: Timeline20Regular,
    activeIcon: Timeline20Filled,
    page: lazy(async () => ({ default: (await import('../events/events-page.tsx')).Page })),
  },
  {
    path: '/recommendations',
    label: 'Recommendations',
    section: 'Discover',
    permission: 'devices.view',
    icon: Lightbulb20Regular,
    activeIcon: Lightbulb20Filled,
    page: lazy(async () => ({ default: (await import('../recommendations/recommendations-page.tsx')).Page })),
  },
  {
    path: '/recommendations/:id',
    label: null,
    section: 'Discover',
    permission: 'devices.view',
    page: lazy(async () => ({ default: (await import('../recommendations/recommendation-page.tsx')).Page })),
  },
  {
    path: '/workbooks',
    label: 'Workbooks',
    section: 'Analyze',
    permission: 'workbooks.view',
    icon: DataHistogram20Regular,
    activeIcon: DataHistogram20Filled,
    page: lazy(async () => ({ default: (await import('../workbooks/workbooks-page.tsx')).Page })),
  },
  {
    path: '/workbooks/alerts',
    label: null,
    section: 'Analyze',
    permission: 'workbooks.view',
    page: lazy(async () => ({ default: (await import('../workbooks/alerts-workbook.tsx')).Page })),
  },
  {
    path: '/workbooks/devices',
    label: null,
    section: 'Analyze',
    permission: 'workbooks.view',
    page: lazy(async () => ({ default: (await import('../workbooks/devices-workbook.tsx')).Page })),
  },
  {
    path: '/workbooks/sensor-health',
    label: null,
    section: 'Analyze',
    permission: 'workbooks.view',
    page: lazy(async () => ({ default: (await import('../workbooks/sensor-health-workbook.tsx')).Page })),
  },
  {
    path: '/workbooks/mitre',
    label: null,
    section: 'Analyze',
    permission: 'workbooks.view',
    page: lazy(async () => ({ default: (await import('../workbooks/mitre-workbook.tsx')).Page })),
  },
  {
    path: '/hub/devices',
    label: 'Devices',
    section: 'IoT hub',
    permission: 'hub.view',
    icon: Iot20Regular,
    activeIcon: Iot20Filled,
    page: lazy(async () => ({ default: (await import('../hub/hub-devices-page.tsx')).Page })),
  },
  {
    path: '/hub/devices/:device',
    label: null,
    section: 'IoT hub',
    permission: 'hub.view',
    page: lazy(async () => ({ default: (await import('../hub/hub-device-page.tsx')).Page })),
  },
  {
    path: '/hub/devices/:device/modules/:module',
    label: null,
    section: 'IoT hub',
    permission: 'hub.view',
    page: lazy(async () => ({ default: (await import('../hub/hub-device-page.tsx')).Page })),
  },
  {
    path: '/hub/security',
    label: 'Security',
    section: 'IoT hub',
    permission: 'hub.view',
    icon: ShieldTask20Regular,
    activeIcon: ShieldTask20Filled,
    page: lazy(async () => ({ default: (await import('../hub/security/security-page.tsx')).Page })),
  },
  {
    path: '/hub/messages',
    label: 'Live messages',
    section: 'IoT hub',
    permission: 'hub.view',
    icon: BroadActivityFeed20Regular,
    activeIcon: BroadActivityFeed20Filled,
    page: lazy(async () => ({ default: (await import('../hub/hub-messages-page.tsx')).Page })),
  },
  {
    path: '/networks',
    label: 'Networks',
    section: 'Manage',
    permission: 'devices.view',
    icon: VirtualNetwork20Regular,
    activeIcon: VirtualNetwork20Filled,
    page: lazy(async () => ({ default: (await import('../networks/networks-page.tsx')).Page })),
  },
  {
    path: '/baseline',
    label: 'Baseline',
    section: 'Manage',
    permission: 'baseline.view',
    icon: BookDatabase20Regular,
    activeIcon: BookDatabase20Filled,
    page: lazy(async () => ({ default: (await import('../baseline/baseline-page.tsx')).Page })),
  },
  {
    path: '/rules',
    label: 'Custom alert rules',
    section: 'Manage',
    permission: 'customRules.view',
    icon: AlertUrgent20Regular,
    activeIcon: AlertUrgent20Filled,
    page: lazy(async () => ({ default: (await import('../rules/rules-page.tsx')).Page })),
  },
  {
    path: '/rules/new',
    label: null,
    section: 'Manage',
    permission: 'customRules.edit',
    page: lazy(async () => ({ default: (await import('../rules/rule-editor-page.tsx')).Page })),
  },
  {
    path: '/rules/:id',
    label: null,
    section: 'Manage',
    permission: 'customRules.view',
    page: lazy(async () => ({ default: (await import('../rules/rule-editor-page.tsx')).Page })),
  },
  {
    path: '/alert-types',
    label: 'Alert types',
    section: 'Manage',
    permission: 'alerts.view',
    icon: BookOpen20Regular,
    activeIcon: BookOpen20Filled,
    page: lazy(async () => ({ default: (await import('../types/types-page.tsx')).Page })),
  },
  {
    path: '/sites',
    label: 'Sites and sensors',
    section: 'Manage',
    permission: 'sites.view',
    icon: BuildingFactory20Regular,
    activeIcon: BuildingFactory20Filled,
    page: lazy(async () => ({ default: (await import('../sites/sites-page.tsx')).Page })),
  },
  {
    path: '/sites/sensors/:name',
    label: null,
    section: 'Manage',
    permission: 'sites.view',
    page: lazy(async () => ({ default: (await import('../sites/sensor-page.tsx')).Page })),
  },
  {
    path: '/tokens',
    label: 'API tokens',
    section: 'Manage',
    permission: 'tokens.edit',
    icon: Key20Regular,
    activeIcon: Key20Filled,
    page: lazy(async () => ({ default: (await import('../tokens/tokens-page.tsx')).Page })),
  },
  {
    path: '/users',
    label: 'Users and roles',
    section: 'Manage',
    permission: 'users.view',
    icon: People20Regular,
    activeIcon: People20Filled,
    page: lazy(async () => ({ default: (await import('../users/users-page.tsx')).Page })),
  },
  {
    path: '/audit',
    label: 'Audit',
    section: 'Manage',
    permission: 'audit.view',
    icon: History20Regular,
    activeIcon: History20Filled,
    page: lazy(async () => ({ default: (await import('../audit/audit-page.tsx')).Page })),
  },
  {
    path: '/settings',
    label: 'Settings',
    section: 'Manage',
    permission: null,
    icon: Settings20Regular,
    activeIcon: Settings20Filled,
    page: lazy(async () => ({ default: (await import('../settings/settings-page.tsx')).Page })),
  },
  {
    path: '/account',
    label: null,
    section: 'Manage',
    permission: null,
    page: lazy(async () => ({ default: (await import('../account/account-page.tsx')).Page })),
  },
];
