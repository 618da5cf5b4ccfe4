/** Sources on the left, one conversation on the right; one of the two on a phone. */
import { useCallback, useEffect, useState } from "preact/hooks";
import type { Api, Source } from "./api";
import { Conversation } from "./conversation";
import type { Pins } from "./pins";
import { countText, dayText, initials, tint } from "./words";

interface Props {
  api: Api;
  pins: Pins;
  onError: (error: unknown) => string;
}

export function Inbox({ api, pins, onError }: Props) {
  const [sources, setSources] = useState<Source[] | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [fault, setFault] = useState("");

  const refresh = useCallback(() => {
    return api.sources().then(
      (found) => {
        setSources(found);
        setFault("");
      },
      (error: unknown) => setFault(onError(error)),
    );
  }, []);

  useEffect(() => {
    document.title = "Sources · Sealdrop";
    void refresh();
    // The back button leads from a conversation to the list. No id of a source is ever in an address.
    const onBack = () => setChosen(null);
    window.addEventListener("popstate", onBack);
    return () => window.removeEventListener("popstate", onBack);
  }, []);

  const choose = (id: string) => {
    if (chosen === null) history.pushState(null, "");
    setChosen(id);
  };
  const close = () => history.back();
  const source = sources?.find((each) => each.id === chosen) ?? null;

  return (
    <div class={source ? "panes reading" : "panes"}>
      <nav class="list" aria-label="Sources">
        <div class="list-head">
          <h1>Sources</h1>
          <button type="button" class="quiet" onClick={() => void refresh()}>Refresh</button>
        </div>
        {fault !== "" && <p class="fault" role="alert">{fault}</p>}
        {sources?.length === 0 && (
          <p class="empty">Nothing yet. When a source sends something, the source appears here.</p>
        )}
        <ul>
          {sources?.map((each) => (
            <li key={each.id}>
              <SourceRow source={each} isChosen={each.id === chosen} onChoose={() => choose(each.id)} />
            </li>
          ))}
        </ul>
      </nav>
      {source ? (
        <Conversation key={source.id} api={api} pins={pins} source={source} onError={onError} onClose={close}
          onChanged={refresh} />
      ) : (
        <main class="nothing">
          <p>Choose a source to see the conversation.</p>
          <p class="hint">Everything here is sealed. Download it, carry it to the SVS, open it there.</p>
        </main>
      )}
    </div>
  );
}

function SourceRow({ source, isChosen, onChoose }: { source: Source; isChosen: boolean; onChoose: () => void }) {
  return (
    <button type="button" class="row" aria-current={isChosen ? "true" : undefined} onClick={onChoose}>
      <span class={`disc tint-${tint(source.designation, 6)}`} aria-hidden="true">{initials(source.designation)}</span>
      <span class="row-name">{source.designation}</span>
      <span class="row-day">{dayText(source.newest_day, new Date())}</span>
      <span class="row-count">{countText(source.items, "item")}</span>
    </button>
  );
}
