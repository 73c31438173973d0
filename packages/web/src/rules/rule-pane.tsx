/** One rule: what it says, when it last spoke, and what to do with it. */
import { Button, makeStyles, MessageBar, MessageBarBody, tokens } from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { Facts } from '../alerts/facts.tsx';
import { SeverityMark } from '../alerts/severity-mark.tsx';
import type { Rule } from '../api/rules.ts';
import { DetailsPane } from '../grid/details-pane.tsx';
import { PORTAL_SEVERITY, stateWord } from './rule-words.ts';
import { TrialPanel } from './trial-panel.tsx';

const useStyles = makeStyles({
  text: {
    margin: 0,
    padding: '10px 12px',
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase300,
    whiteSpace: 'pre-wrap',
    overflowWrap: 'anywhere',
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusMedium,
  },
});

export function RulePane({ rule, mayEdit, onClose }: { rule: Rule; mayEdit: boolean; onClose: () => void }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const { id, action, problems } = rule;
  const alerts = new URLSearchParams({ range: 'all', search: rule.name });
  return (
    <DetailsPane
      label="Rule details"
      contentLabel="Facts of the rule"
      title={rule.name}
      onClose={onClose}
      footer={
        <>
          {mayEdit && (
            <>
              <Button appearance="primary" onClick={() => void navigate(`/rules/${encodeURIComponent(id)}`)}>
                Edit
              </Button>
              <Button onClick={() => void navigate(`/rules/new?${new URLSearchParams({ copy: id })}`)}>Copy</Button>
            </>
          )}
          {action.kind === 'alert' ? (
            <Button onClick={() => void navigate(`/alerts?${alerts}`)}>Show its alerts</Button>
          ) : (
            <Button onClick={() => void navigate('/events?type=USER_DEFINED_RULE_OPERATION')}>Show its events</Button>
          )}
        </>
      }
    >
      {problems.length > 0 && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>It is not in force: {problems.map(({ message }) => message).join(' ')}</MessageBarBody>
        </MessageBar>
      )}
      <pre className={styles.text}>{rule.text.trim()}</pre>
      <Facts
        facts={[
          ['State', stateWord(rule)],
          ['Severity', <SeverityMark key="severity" severity={PORTAL_SEVERITY[action.severity]} />],
          ['On the sensor', action.severity],
          ['Action', action.kind === 'alert' ? 'Alert' : 'Event'],
          ['PCAP included', action.packets ? 'Yes' : 'No'],
          ['Last triggered', rule.lastTriggered === null ? 'Never' : <DetectionTime key="last" at={rule.lastTriggered} />],
          ['In the last week', rule.countInWeek.toLocaleString('en')],
          ['Last modified', <DetectionTime key="modified" at={rule.modifiedAt} />],
          ['By', rule.modifiedBy],
          ['Id', id],
        ]}
      />
      <TrialPanel what={() => ({ ids: [id] })} />
    </DetailsPane>
  );
}
