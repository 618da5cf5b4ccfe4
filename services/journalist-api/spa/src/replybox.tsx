/** Write, verify whom it is for, seal here, send. The text leaves this page only sealed. */
import { useState } from "preact/hooks";
import type { Api, Sent, Source } from "./api";
import { NotTrusted } from "./envelope";
import type { Pins } from "./pins";
import { BadReply, MOST_CHARACTERS, sealReply } from "./reply";
import { readKeyset, sourceRecipient } from "./trust";

interface Props {
  api: Api;
  pins: Pins;
  source: Source;
  onError: (error: unknown) => string;
  onSent: () => Promise<void>;
}

export function ReplyBox({ api, pins, source, onError, onSent }: Props) {
  const [text, setText] = useState("");
  const [fault, setFault] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [sent, setSent] = useState<Sent | null>(null);

  const send = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFault("");
    setSent(null);
    try {
      setSent(await sealAndSend(api, pins, source, text));
      setText("");
      await onSent();
    } catch (error) {
      setFault(faultText(error, onError));
    }
    setBusy(false);
  };

  return (
    <form class="reply" onSubmit={send}>
      <label for="reply">Reply to {source.designation}</label>
      <textarea id="reply" rows={2} value={text} maxLength={MOST_CHARACTERS} disabled={isBusy}
        placeholder="The source reads this after logging in with the codename."
        onInput={(event) => setText(event.currentTarget.value)} />
      {fault !== "" && <p class="fault" role="alert">{fault}</p>}
      {sent && (
        <p class="note" role="status">
          Stored as item {sent.position}. Receipt: <span class="digits">{sent.receipt_digits}</span>
        </p>
      )}
      <p class="reply-foot">
        <span class="hint">Sealed in this browser, to the source and to the SVS.</span>
        <button type="submit" class="primary" disabled={isBusy || text.trim() === ""}>
          {isBusy ? "Sealing and sending…" : "Seal and send"}
        </button>
      </p>
    </form>
  );
}

async function sealAndSend(api: Api, pins: Pins, source: Source, text: string): Promise<Sent> {
  const recipient = sourceRecipient(pins, source.id, source.source_card);
  const keyset = readKeyset(pins, await api.keyset());
  const sealed = await sealReply(text, recipient, keyset.recipients);
  return api.sendReply(source.id, sealed.itemId, sealed.file);
}

function faultText(error: unknown, onError: (error: unknown) => string): string {
  if (error instanceof NotTrusted) {
    return `Not sent. What the server gave does not verify (${error.message}). Tell your administrator before replying.`;
  }
  return error instanceof BadReply ? error.message : onError(error);
}
