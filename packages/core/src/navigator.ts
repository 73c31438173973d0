/**
 * The catalogue as a layer of the ATT&CK Navigator for the ICS matrix (layer format 4.5): each technique coloured by how many
 * types of alert show it. Open it at mitre-attack.github.io/attack-navigator with "Open Existing Layer".
 */
import type { AlertType } from './alert-type.ts';

const DETECTED = '#2a78c5';
const NOT_DETECTED = '#d9d9d9';

interface Technique {
  readonly techniqueID: string;
  /** Types that are detected. */
  readonly score: number;
  readonly color: string;
  readonly comment: string;
  readonly enabled: true;
}

export interface NavigatorLayer {
  readonly name: string;
  readonly versions: { readonly attack: string; readonly navigator: string; readonly layer: string };
  readonly domain: 'ics-attack';
  readonly description: string;
  readonly techniques: readonly Technique[];
  readonly legendItems: readonly { readonly label: string; readonly color: string }[];
  readonly hideDisabled: boolean;
}

/** A layer of these types; techniques that the matrix no longer has are left out. */
export function navigatorLayer(types: readonly AlertType[], version: string): NavigatorLayer {
  const byTechnique = new Map<string, AlertType[]>();
  for (const type of types)
    for (const { id, retired } of type.techniques) {
      if (retired) continue;
      const list = byTechnique.get(id);
      if (list) list.push(type);
      else byTechnique.set(id, [type]);
    }
  const techniques = [...byTechnique].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    name: `Annunciator ${version}`,
    versions: { attack: '16', navigator: '5.1.0', layer: '4.5' },
    domain: 'ics-attack',
    description: `Techniques that alerts of Annunciator ${version} show: ${types.filter(({ detected }) => detected).length} of ${types.length} types are detected.`,
    techniques: techniques.map(([techniqueID, shown]) => {
      const detected = shown.filter((type) => type.detected);
      return {
        techniqueID,
        score: detected.length,
        color: detected.length > 0 ? DETECTED : NOT_DETECTED,
        comment: (detected.length > 0 ? detected : shown)
          .map(({ title }) => title)
          .sort()
          .join('\n'),
        enabled: true,
      };
    }),
    legendItems: [
      { label: 'shown by alerts', color: DETECTED },
      { label: 'only by types that are not detected yet', color: NOT_DETECTED },
    ],
    hideDisabled: false,
  };
}
