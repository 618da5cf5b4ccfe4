/** One sealed item. What it says, only the SVS can show. */
import type { Item } from "./api";
import { sizeText } from "./words";

const NAMES = { message: "Message", file: "File", reply: "Our reply" };

interface Props {
  item: Item;
  fileUrl: string;
  receiptUrl: string;
  onDelete: () => void;
}

export function ItemCard({ item, fileUrl, receiptUrl, onDelete }: Props) {
  const label = `item ${item.position}`;
  return (
    <article class="card item" aria-label={`${NAMES[item.kind]}, ${label}`}>
      <p class="item-head">
        <span class="item-kind">{NAMES[item.kind]}</span>
        <span class="item-number">#{item.position}</span>
        <span class="item-size">{sizeText(item.size_class)}, sealed</span>
      </p>
      <p class="actions">
        <a href={fileUrl} download aria-label={`Download ${label}`}>Download</a>
        <a href={receiptUrl} download aria-label={`Download the receipt of ${label}`}>Receipt</a>
        <button type="button" class="link danger" onClick={onDelete} aria-label={`Delete ${label}`}>Delete</button>
      </p>
      <details>
        <summary>Technical details</summary>
        <dl>
          <dt>SHA-256 of the download</dt>
          <dd class="hash">{item.file_sha256}</dd>
          <dt>Bytes</dt>
          <dd>{item.file_bytes}</dd>
        </dl>
      </details>
    </article>
  );
}
