import { render } from "preact";
import { Api } from "./api";
import { App } from "./app";
import { loadPins } from "./pins";
import "./style.css";

const root = document.getElementById("app") as HTMLElement;

loadPins().then(
  (pins) => render(<App api={new Api()} pins={pins} />, root),
  () => render(<p class="fault">This web app has no valid pins.json beside it. Tell your administrator.</p>, root),
);
