/** What an alert of a type looks like: the sentence of the latest one, which leads there. */
import { Link, Subtitle2, Text } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { Link as RouterLink } from 'react-router';
import { fetchPage } from '../api/alerts.ts';
import { formatTime } from '../time/zone-time.ts';

export function TypeExample({ type }: { type: string }) {
  const { data } = useQuery({
    queryKey: ['alerts', 'example', type],
    queryFn: () => fetchPage(new URLSearchParams({ filter: `type:equals:${encodeURIComponent(type)}`, sort: '-lastDetection' }), null, 1),
  });
  const alert = data?.alerts[0];
  if (!alert) return null;
  return (
    <>
      <Subtitle2 as="h3">Example</Subtitle2>
      <Text>
        {alert.message}{' '}
        <RouterLink to={`/alerts/${alert.id}`}>
          <Link as="span">{formatTime(alert.lastDetection)}</Link>
        </RouterLink>
      </Text>
    </>
  );
}
