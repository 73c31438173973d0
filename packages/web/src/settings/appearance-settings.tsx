/** Light or dark, for oneself. */
import { Field, Radio, RadioGroup } from '@fluentui/react-components';
import { Card } from '../shell/card.tsx';
import { usePreference } from '../shell/preferences.ts';
import { THEME } from '../shell/preferred.tsx';
import { themeOf } from '../shell/theme.ts';

export function AppearanceSettings() {
  const [theme, keep] = usePreference(THEME);
  return (
    <Card title="Appearance" lead="The button in the bar at the top changes the same choice." error={null}>
      <Field label="Theme">
        <RadioGroup layout="horizontal" value={themeOf(theme)} onChange={(_, { value }) => keep(value === 'system' ? null : value)}>
          <Radio value="system" label="As the system" />
          <Radio value="light" label="Light" />
          <Radio value="dark" label="Dark" />
        </RadioGroup>
      </Field>
    </Card>
  );
}
