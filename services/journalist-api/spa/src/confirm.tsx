/** A question before something is gone. Escape and "Keep" mean no. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  title: string;
  children: ComponentChildren;
  onNo: () => void;
  onYes: () => void;
}

export function Confirm({ title, children, onNo, onYes }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onNo} aria-labelledby="confirm-title">
      <h2 id="confirm-title">{title}</h2>
      <p>{children}</p>
      <p class="actions">
        <button type="button" class="quiet" onClick={onNo}>Keep</button>
        <button type="button" class="primary danger" onClick={onYes}>Delete</button>
      </p>
    </dialog>
  );
}
