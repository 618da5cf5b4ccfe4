/** Username, passphrase, code. */
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, type Me } from "./api";

interface Props {
  newsroom: string;
  note: string;
  logIn: (username: string, passphrase: string, code: string) => Promise<Me>;
  onDone: (me: Me) => void;
}

export function Login({ newsroom, note, logIn, onDone }: Props) {
  const [fault, setFault] = useState("");
  const [isBusy, setBusy] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  const code = useRef<HTMLInputElement>(null);

  useEffect(() => {
    document.title = "Log in · Sealdrop";
    first.current?.focus();
  }, []);

  const submit = async (event: Event) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(given.get(name) ?? "");
    setBusy(true);
    setFault("");
    try {
      onDone(await logIn(text("username").trim().toLowerCase(), text("passphrase").trim(), digits(text("code"))));
    } catch (error) {
      setFault(error instanceof ApiError && error.status !== 400 ? error.message : "A code has six digits.");
      setBusy(false);
      if (code.current) code.current.value = "";
      code.current?.focus();
    }
  };

  return (
    <main class="login">
      <form class="card" onSubmit={submit} aria-labelledby="login-title">
        <p class="brand">Sealdrop</p>
        <h1 id="login-title">{newsroom}</h1>
        {note !== "" && <p class="note" role="status">{note}</p>}
        <label for="username">Username</label>
        <input ref={first} id="username" name="username" autocomplete="username" autocapitalize="none"
          spellcheck={false} required maxLength={32} />
        <label for="passphrase">Passphrase</label>
        <input id="passphrase" name="passphrase" type="password" autocomplete="current-password" required
          maxLength={128} />
        <label for="code">Code from your authenticator</label>
        <input ref={code} id="code" name="code" inputMode="numeric" autocomplete="one-time-code"
          pattern="\s*[0-9]{3}\s?[0-9]{3}\s*" title="Six digits" required maxLength={9} class="code" />
        {fault !== "" && <p class="fault" role="alert">{fault}</p>}
        <button type="submit" class="primary" disabled={isBusy}>{isBusy ? "Checking…" : "Log in"}</button>
        <p class="hint">A code works once. After a mistake, wait for the next one.</p>
      </form>
    </main>
  );
}

function digits(text: string): string {
  return text.replace(/\s/g, "");
}
