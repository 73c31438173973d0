/** The graph that the address asks for, kept up to date by what changed, and the group that is highlighted in it. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { type DeviceGraph, fetchMap } from '../api/map.ts';

/** Milliseconds between two looks at what changed. */
const AGAIN = 15_000;

export function useDeviceGraph(query: URLSearchParams) {
  const asked = query.toString();
  const before = useRef<{ readonly asked: string; readonly graph: DeviceGraph } | null>(null);
  return useQuery({
    queryKey: ['map', asked],
    queryFn: async () => {
      const graph = await fetchMap(query, before.current?.asked === asked ? before.current.graph : undefined);
      before.current = { asked, graph };
      return graph;
    },
    refetchInterval: AGAIN,
    // The same object when nothing changed, so that nothing is drawn anew; comparing it in depth would cost more than that.
    structuralSharing: false,
    placeholderData: keepPreviousData,
  });
}

/** Numbers of the devices of a group: those that it finds, or the ends of the connections that it finds. Null without a group. */
export function useHighlight(query: string | null): ReadonlySet<number> | null {
  const { data } = useQuery({
    queryKey: ['map', 'highlight', query],
    queryFn: async () => {
      const asked = new URLSearchParams(query ?? '');
      const { nodes, links } = await fetchMap(asked);
      return new Set(asked.has('link') ? [...links.values()].flatMap(({ a, b }) => [a, b]) : nodes.keys());
    },
    enabled: query !== null,
    structuralSharing: false,
  });
  return query === null ? null : (data ?? null);
}
