/** Saved views: the address of the page under a name, for oneself or for the team. */
import {
  Button,
  Checkbox,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  tokens,
  ToolbarButton,
} from '@fluentui/react-components';
import { Bookmark20Regular } from '@fluentui/react-icons/svg/bookmark';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { changeView, fetchViews, removeView, type SavedView, saveView } from '../api/portal.ts';
import { useSession } from '../session/session-gate.tsx';
import { useNotice } from '../shell/notices.tsx';

const PAGE = 'alerts';
const useStyles = makeStyles({
  menu: { maxHeight: '70vh', overflowY: 'auto', maxWidth: '340px' },
  form: { display: 'grid', gap: '12px' },
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: '4px' },
  item: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto auto', alignItems: 'center', gap: '8px' },
  faint: { color: tokens.colorNeutralForeground3 },
});

export interface ViewsMenuProps {
  /** What the address of the page holds now. */
  readonly address: string;
  onOpen(address: string): void;
}

export function ViewsMenu({ address, onOpen }: ViewsMenuProps) {
  const styles = useStyles();
  const session = useSession();
  const [dialog, setDialog] = useState<'save' | 'manage' | null>(null);
  const { data: views = [] } = useQuery({ queryKey: ['views', PAGE], queryFn: () => fetchViews(PAGE) });
  const current = views.find((view) => view.address === address);
  const groups = [
    ['My views', views.filter((view) => !view.team)],
    ['Views of the team', views.filter((view) => view.team)],
  ] as const;
  return (
    <>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <ToolbarButton icon={<Bookmark20Regular />}>{current ? `View: ${current.name}` : 'Views'}</ToolbarButton>
        </MenuTrigger>
        <MenuPopover className={styles.menu}>
          <MenuList>
            <MenuItem onClick={() => onOpen('')}>All alerts of the last 30 days</MenuItem>
            {groups.map(([title, own]) =>
              own.length === 0 ? null : (
                <MenuGroup key={title}>
                  <MenuDivider />
                  <MenuGroupHeader>{title}</MenuGroupHeader>
                  {own.map((view) => (
                    <MenuItem key={view.id} onClick={() => onOpen(view.address)}>
                      {view.name}
                    </MenuItem>
                  ))}
                </MenuGroup>
              ),
            )}
            <MenuDivider />
            <MenuItem onClick={() => setDialog('save')}>Save this view…</MenuItem>
            <MenuItem disabled={views.length === 0} onClick={() => setDialog('manage')}>
              Change views…
            </MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
      {dialog === 'save' && (
        <SaveView address={address} views={views} canShare={session.may('views.share')} onClose={() => setDialog(null)} />
      )}
      {dialog === 'manage' && <ManageViews views={views} address={address} onClose={() => setDialog(null)} />}
    </>
  );
}

function useViewChange(): (work: Promise<unknown>, done: string) => Promise<void> {
  const queries = useQueryClient();
  const notice = useNotice();
  return async (work, done) => {
    try {
      await work;
      notice({ intent: 'success', text: done });
    } catch (error) {
      notice({ intent: 'error', text: error instanceof Error ? error.message : String(error) });
    }
    await queries.invalidateQueries({ queryKey: ['views'] });
  };
}

interface SaveViewProps {
  readonly address: string;
  readonly views: readonly SavedView[];
  readonly canShare: boolean;
  onClose(): void;
}

function SaveView({ address, views, canShare, onClose }: SaveViewProps) {
  const styles = useStyles();
  const change = useViewChange();
  const [name, setName] = useState('');
  const [team, setTeam] = useState(false);
  const taken = views.some((view) => view.name.toLowerCase() === name.trim().toLowerCase() && view.team === team);
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void change(saveView({ page: PAGE, name: name.trim(), address, team }), `The view ${name.trim()} was saved.`);
            onClose();
          }}
        >
          <DialogBody>
            <DialogTitle>Save this view</DialogTitle>
            <DialogContent className={styles.form}>
              Search, time range, filters, grouping, sort and columns are kept as they are now.
              <Field label="Name" {...(taken ? { validationMessage: 'There is a view of this name.' } : {})}>
                <Input value={name} maxLength={80} onChange={(_, data) => setName(data.value)} />
              </Field>
              <Checkbox
                label="For the team: everybody sees it"
                checked={team}
                disabled={!canShare}
                onChange={(_, data) => setTeam(data.checked === true)}
              />
            </DialogContent>
            <DialogActions>
              <Button onClick={onClose}>Cancel</Button>
              <Button type="submit" appearance="primary" disabled={name.trim() === '' || taken}>
                Save
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}

function ManageViews({ views, address, onClose }: { views: readonly SavedView[]; address: string; onClose: () => void }) {
  const styles = useStyles();
  const session = useSession();
  const change = useViewChange();
  const mayChange = (view: SavedView) => view.owner === session.user || session.role === 'Owner';
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>Views</DialogTitle>
          <DialogContent>
            <ul className={styles.list}>
              {views.map((view) => (
                <li key={view.id} className={styles.item}>
                  <span>
                    {view.name} <span className={styles.faint}>{view.team ? `team, kept by ${view.owner}` : 'mine'}</span>
                  </span>
                  <Button
                    size="small"
                    disabled={!mayChange(view) || view.address === address}
                    onClick={() => void change(changeView(view.id, { address }), `The view ${view.name} is now what you see.`)}
                  >
                    Set to this
                  </Button>
                  <Button
                    size="small"
                    disabled={!mayChange(view)}
                    aria-label={`Remove ${view.name}`}
                    onClick={() => void change(removeView(view.id), `The view ${view.name} was removed.`)}
                  >
                    Remove
                  </Button>
                </li>
              ))}
            </ul>
          </DialogContent>
          <DialogActions>
            <Button appearance="primary" onClick={onClose}>
              Close
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
