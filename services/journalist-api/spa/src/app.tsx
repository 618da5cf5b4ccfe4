/** The frame: banner, who is logged in, and either the login or the inbox. */
import { useEffect, useState } from "preact/hooks";
import { ApiError, type Api, type Me } from "./api";
import { Inbox } from "./inbox";
import { Login } from "./login";
import type { Pins } from "./pins";

type State = { at: "start" } | { at: "login"; note: string } | { at: "inbox"; me: Me };

export function App({ api, pins }: { api: Api; pins: Pins }) {
  const [state, setState] = useState<State>({ at: "start" });

  useEffect(() => {
    api.me().then(
      (me) => setState({ at: "inbox", me }),
      (error: unknown) => setState({ at: "login", note: isLoggedOut(error) ? "" : textOf(error) }),
    );
  }, []);

  const onError = (error: unknown): string => {
    if (isLoggedOut(error)) setState({ at: "login", note: "Your session has ended. Please log in again." });
    return textOf(error);
  };
  const logOut = () => {
    api.logOut().then(
      () => setState({ at: "login", note: "You are logged out." }),
      (error: unknown) => setState({ at: "login", note: `You may still be logged in: ${textOf(error)}` }),
    );
  };

  return (
    <div class="frame">
      {pins.demo && <p class="demo">DEMO: no Tor, no anonymity, do not send real secrets</p>}
      {state.at === "login" && (
        <Login newsroom={pins.newsroom} note={state.note} logIn={(...given) => api.logIn(...given)}
          onDone={(me) => setState({ at: "inbox", me })} />
      )}
      {state.at === "inbox" && (
        <>
          <header class="bar">
            <span class="brand">Sealdrop</span>
            <span class="newsroom">{pins.newsroom}</span>
            <span class="who">{state.me.username}</span>
            <button type="button" class="quiet" onClick={logOut}>Log out</button>
          </header>
          <Inbox api={api} pins={pins} onError={onError} />
        </>
      )}
    </div>
  );
}

function isLoggedOut(error: unknown): boolean {
  return error instanceof ApiError && error.code === "not_logged_in";
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : "Something failed.";
}
