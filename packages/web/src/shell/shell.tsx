/** The frame around every page: product bar, navigation, page. */
import {
  Avatar,
  Button,
  makeStyles,
  Menu,
  MenuDivider,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  mergeClasses,
  Spinner,
  Text,
  tokens,
  Tooltip,
} from '@fluentui/react-components';
import { CompassNorthwest20Regular } from '@fluentui/react-icons/svg/compass-northwest';
import { Navigation20Regular } from '@fluentui/react-icons/svg/navigation';
import { Person20Regular } from '@fluentui/react-icons/svg/person';
import { Settings20Regular } from '@fluentui/react-icons/svg/settings';
import { SignOut20Regular } from '@fluentui/react-icons/svg/sign-out';
import { WeatherMoon20Regular } from '@fluentui/react-icons/svg/weather-moon';
import { WeatherSunny20Regular } from '@fluentui/react-icons/svg/weather-sunny';
import { Suspense, useState } from 'react';
import { Navigate, NavLink, Route, Routes, useNavigate } from 'react-router';
import { useSession } from '../session/session-gate.tsx';
import { useTour } from '../tour/tour-host.tsx';
import mark from './annunciator.svg';
import { NotPermitted } from './not-permitted.tsx';
import { type PageEntry, PAGES } from './pages.ts';
import { usePreference } from './preferences.ts';
import { THEME } from './preferred.tsx';
import { useTheme } from './theme.ts';

const SECTIONS = ['Discover', 'Analyze', 'IoT hub', 'Manage'] as const;
const NARROW = '@media (max-width: 760px)';

const useStyles = makeStyles({
  shell: { height: '100%', display: 'grid', gridTemplateRows: '48px minmax(0, 1fr)', backgroundColor: tokens.colorNeutralBackground1 },
  bar: {
    display: 'flex',
    alignItems: 'center',
    gap: '10px',
    padding: '0 12px',
    backgroundColor: '#0b2a4a',
    color: '#ffffff',
    zIndex: 2,
  },
  barButton: {
    color: '#ffffff',
    minWidth: '32px',
    ':hover': { color: '#ffffff', backgroundColor: 'rgba(255,255,255,0.14)' },
    ':hover:active': { color: '#ffffff', backgroundColor: 'rgba(255,255,255,0.22)' },
  },
  mark: { width: '24px', height: '24px' },
  name: { fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  grow: { flexGrow: 1 },
  body: { display: 'grid', gridTemplateColumns: 'auto minmax(0, 1fr)', minHeight: 0 },
  navigation: {
    width: '208px',
    padding: '12px 8px',
    boxSizing: 'border-box',
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground2,
    overflowY: 'auto',
    [NARROW]: { width: '52px' },
  },
  slim: { width: '52px' },
  section: {
    padding: '12px 12px 4px',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground3,
    [NARROW]: { display: 'none' },
  },
  link: {
    display: 'flex',
    alignItems: 'center',
    gap: '12px',
    height: '36px',
    padding: '0 8px',
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground2,
    textDecorationLine: 'none',
    position: 'relative',
    ':hover': { backgroundColor: tokens.colorNeutralBackground2Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  current: {
    backgroundColor: tokens.colorNeutralBackground2Selected,
    color: tokens.colorNeutralForeground1,
    fontWeight: tokens.fontWeightSemibold,
    '::before': {
      content: '""',
      position: 'absolute',
      left: 0,
      top: '10px',
      bottom: '10px',
      width: '3px',
      borderRadius: '2px',
      backgroundColor: tokens.colorCompoundBrandBackground,
    },
  },
  label: { [NARROW]: { display: 'none' } },
  hidden: { display: 'none' },
  page: { minWidth: 0, minHeight: 0, overflow: 'hidden' },
  who: { padding: '6px 10px', display: 'grid' },
});

export function Shell() {
  const styles = useStyles();
  const [slim, setSlim] = useState(false);
  const session = useSession();
  const navigate = useNavigate();
  const startTour = useTour();
  const theme = useTheme();
  const [, keepTheme] = usePreference(THEME);
  const isOpen = ({ permission }: PageEntry) => permission === null || session.may(permission);
  const shown = PAGES.filter((entry) => entry.label !== null && isOpen(entry));
  return (
    <div className={styles.shell}>
      <header className={styles.bar}>
        <Button
          appearance="transparent"
          className={styles.barButton}
          icon={<Navigation20Regular />}
          aria-label="Show or hide the navigation's labels"
          aria-expanded={!slim}
          onClick={() => setSlim(!slim)}
        />
        <img src={mark} alt="" className={styles.mark} />
        <span className={styles.name}>Annunciator</span>
        <div className={styles.grow} />
        <Tooltip content={theme.dark ? 'Light theme' : 'Dark theme'} relationship="label">
          <Button
            appearance="transparent"
            className={styles.barButton}
            icon={theme.dark ? <WeatherSunny20Regular /> : <WeatherMoon20Regular />}
            onClick={() => keepTheme(theme.dark ? 'light' : 'dark')}
          />
        </Tooltip>
        <Menu positioning="below-end">
          <MenuTrigger disableButtonEnhancement>
            <Button
              appearance="transparent"
              className={styles.barButton}
              aria-label={`Account of ${session.user}`}
              icon={<Avatar name={session.user} size={28} color="colorful" aria-hidden />}
            />
          </MenuTrigger>
          <MenuPopover>
            <div className={styles.who}>
              <Text weight="semibold">{session.user}</Text>
              <Text size={200}>{session.role}</Text>
            </div>
            <MenuList>
              <MenuDivider />
              <MenuItem icon={<Person20Regular />} onClick={() => void navigate('/account')}>
                Your account
              </MenuItem>
              <MenuItem icon={<Settings20Regular />} onClick={() => void navigate('/settings')}>
                Settings
              </MenuItem>
              {startTour && (
                <MenuItem icon={<CompassNorthwest20Regular />} onClick={startTour}>
                  Take the tour
                </MenuItem>
              )}
              <MenuItem icon={<SignOut20Regular />} onClick={() => void session.signOut()}>
                Sign out
              </MenuItem>
            </MenuList>
          </MenuPopover>
        </Menu>
      </header>
      <div className={styles.body}>
        <nav className={mergeClasses(styles.navigation, slim && styles.slim)} aria-label="Pages">
          {SECTIONS.map((section) => {
            const inside = shown.filter((entry) => entry.section === section);
            return inside.length === 0 ? null : (
              <div key={section}>
                <div className={mergeClasses(styles.section, slim && styles.hidden)}>{section}</div>
                {inside.map(({ path, label, icon: Icon, activeIcon: ActiveIcon }) => (
                  <NavLink
                    key={path}
                    to={path}
                    title={label ?? ''}
                    className={({ isActive }) => mergeClasses(styles.link, isActive && styles.current)}
                  >
                    {({ isActive }) => (
                      <>
                        {isActive ? ActiveIcon && <ActiveIcon /> : Icon && <Icon />}
                        <span className={mergeClasses(styles.label, slim && styles.hidden)}>{label}</span>
                      </>
                    )}
                  </NavLink>
                ))}
              </div>
            );
          })}
        </nav>
        <main className={styles.page}>
          <Suspense fallback={<Spinner style={{ height: '100%' }} label="Loading" />}>
            <Routes>
              {PAGES.map((entry) => {
                const { path, page: Page } = entry;
                return <Route key={path} path={path} element={isOpen(entry) ? <Page /> : <NotPermitted />} />;
              })}
              <Route path="*" element={<Navigate to="/alerts" replace />} />
            </Routes>
          </Suspense>
        </main>
      </div>
    </div>
  );
}
