/** One source: what is there, in order, and the reply. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Api, Item, Source } from "./api";
import { Confirm } from "./confirm";
import { ItemCard } from "./item";
import type { Pins } from "./pins";
import { ReplyBox } from "./replybox";
import { countText, dayText } from "./words";

interface Props {
  api: Api;
  pins: Pins;
  source: Source;
  onError: (error: unknown) => string;
  onClose: () => void;
  onChanged: () => Promise<void>;
}

export function Conversation({ api, pins, source, onError, onClose, onChanged }: Props) {
  const [items, setItems] = useState<Item[] | null>(null);
  const [fault, setFault] = useState("");
  const [doomed, setDoomed] = useState<Item | "source" | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const talk = useRef<HTMLDivElement>(null);
  const seen = useRef(0);

  const attempt = async (work: () => Promise<void>) => {
    try {
      setFault("");
      await work();
    } catch (error) {
      setFault(onError(error));
    }
  };
  const load = () => attempt(async () => setItems(await api.items(source.id)));

  useEffect(() => {
    document.title = `${source.designation} · Sealdrop`;
    heading.current?.focus();
  }, []);
  // The list counts again after each refresh: a new count means new items.
  useEffect(() => void load(), [source.items]);
  // New items stand at the end, and are shown; a deletion leaves the place where it is.
  useEffect(() => {
    const count = items?.length ?? 0;
    if (talk.current && count > seen.current) talk.current.scrollTop = talk.current.scrollHeight;
    seen.current = count;
  }, [items]);

  const remove = () => {
    const what = doomed;
    setDoomed(null);
    void attempt(async () => {
      if (what === "source") await api.deleteSource(source.id);
      else if (what) await api.deleteItem(what.id);
      if (what === "source") onClose();
      else await load();
      await onChanged();
    });
  };

  return (
    <main class="conversation">
      <header class="talk-head">
        <button type="button" class="quiet back" onClick={onClose} aria-label="Back to all sources">←</button>
        <div class="talk-name">
          <h1 ref={heading} tabIndex={-1}>{source.designation}</h1>
          <p class="hint">
            {countText(source.items, "item")} · last heard from {dayText(source.newest_day, new Date())}
          </p>
        </div>
        <button type="button" class="quiet danger" onClick={() => setDoomed("source")}>Delete source</button>
      </header>
      <div class="talk" ref={talk}>
        {fault !== "" && <p class="fault" role="alert">{fault}</p>}
        {items?.length === 0 && <p class="empty">No items are left in this conversation.</p>}
        <ol class="items">
          {items?.map((item) => (
            <li key={item.id} class={item.kind === "reply" ? "ours" : "theirs"}>
              <ItemCard item={item} fileUrl={api.fileUrl(item.id)} receiptUrl={api.receiptUrl(item.id)}
                onDelete={() => setDoomed(item)} />
            </li>
          ))}
        </ol>
      </div>
      <ReplyBox api={api} pins={pins} source={source} onError={onError}
        onSent={async () => {
          await load();
          await onChanged();
        }} />
      {doomed !== null && (
        <Confirm title={question(doomed, source)} onNo={() => setDoomed(null)} onYes={remove}>
          {doomed === "source"
            ? "All items, replies and receipts of this source are removed from the servers. The source can no longer read its replies."
            : "It is removed from the servers. Copies you downloaded stay where they are."}
        </Confirm>
      )}
    </main>
  );
}

function question(doomed: Item | "source", source: Source): string {
  return doomed === "source" ? `Delete ${source.designation}?` : `Delete item ${doomed.position}?`;
}
