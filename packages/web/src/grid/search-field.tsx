/** A search box that asks after a pause in typing. */
import { SearchBox } from '@fluentui/react-components';
import { useEffect, useEffectEvent, useState } from 'react';

/** Milliseconds without a key before the search is asked. */
const SEARCH_PAUSE = 250;

export interface SearchFieldProps {
  readonly id?: string;
  readonly label: string;
  /** What is searched for now, from the page's address: going back changes the box too. */
  readonly value: string;
  readonly className?: string;
  onSearch(text: string): void;
}

export function SearchField({ id, label, value, className, onSearch }: SearchFieldProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  // The page may have changed its address in the pause: what it opened meanwhile stays open.
  const ask = useEffectEvent(onSearch);
  useEffect(() => {
    if (text === value) return undefined;
    const timer = setTimeout(() => ask(text), SEARCH_PAUSE);
    return () => clearTimeout(timer);
    // Only typing starts the pause anew.
  }, [text]);
  return (
    <SearchBox
      {...(id === undefined ? {} : { id })}
      {...(className === undefined ? {} : { className })}
      placeholder="Search"
      aria-label={label}
      value={text}
      onChange={(_, data) => setText(data.value)}
    />
  );
}
