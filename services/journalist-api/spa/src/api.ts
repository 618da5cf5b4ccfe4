/** The API, as typed calls. Everything it answers is data to look at; what matters is verified in trust.ts. */

export interface Me {
  readonly username: string;
  readonly is_admin: boolean;
  readonly csrf_token: string;
}

export interface Source {
  readonly id: string;
  readonly designation: string;
  readonly items: number;
  readonly newest_day: string;
  readonly starred: boolean;
  readonly source_card: string;
}

export interface Item {
  readonly id: string;
  readonly submission_id: string;
  readonly kind: "message" | "file" | "reply";
  readonly position: number;
  readonly size_class: number;
  readonly file_bytes: number;
  readonly file_sha256: string;
}

export interface Sent {
  readonly position: number;
  readonly receipt_digits: string;
}

/** An answer that is not the one hoped for. `message` is for people. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const NO_ANSWER = "The server does not answer.";

export class Api {
  private csrfToken = "";

  async me(): Promise<Me> {
    return this.remember(await this.call<Me>("GET", "/me"));
  }

  async logIn(username: string, passphrase: string, code: string): Promise<Me> {
    const body = JSON.stringify({ username, passphrase, code });
    return this.remember(await this.call<Me>("POST", "/login", body, { "content-type": "application/json" }));
  }

  async logOut(): Promise<void> {
    await this.call("POST", "/logout");
  }

  async sources(): Promise<Source[]> {
    return (await this.call<{ sources: Source[] }>("GET", "/sources")).sources;
  }

  async items(sourceId: string): Promise<Item[]> {
    return (await this.call<{ items: Item[] }>("GET", `/sources/${sourceId}/items`)).items;
  }

  async keyset(): Promise<string> {
    return (await this.call<{ keyset: string }>("GET", "/keyset")).keyset;
  }

  async sendReply(sourceId: string, itemId: string, file: Uint8Array<ArrayBuffer>): Promise<Sent> {
    const headers = { "content-type": "application/octet-stream", "x-item-id": itemId };
    return this.call<Sent>("POST", `/sources/${sourceId}/replies`, file, headers);
  }

  async deleteItem(itemId: string): Promise<void> {
    await this.call("DELETE", `/items/${itemId}`);
  }

  async deleteSource(sourceId: string): Promise<void> {
    await this.call("DELETE", `/sources/${sourceId}`);
  }

  fileUrl(itemId: string): string {
    return `/api/v1/items/${itemId}/file`;
  }

  receiptUrl(itemId: string): string {
    return `/api/v1/items/${itemId}/receipt`;
  }

  private remember(me: Me): Me {
    this.csrfToken = me.csrf_token;
    return me;
  }

  private async call<T>(
    method: string,
    path: string,
    body: BodyInit | null = null,
    headers: Record<string, string> = {},
  ): Promise<T> {
    if (method !== "GET") headers["x-csrf-token"] = this.csrfToken;
    let answer: Response;
    try {
      answer = await fetch(`/api/v1${path}`, { method, body, headers, credentials: "same-origin", redirect: "error" });
    } catch {
      throw new ApiError(0, "no_answer", NO_ANSWER);
    }
    if (!answer.ok) throw await problem(answer);
    return (answer.status === 204 ? undefined : await answer.json()) as T;
  }
}

async function problem(answer: Response): Promise<ApiError> {
  try {
    const { error } = (await answer.json()) as { error: { code: string; message: string } };
    return new ApiError(answer.status, error.code, error.message);
  } catch {
    return new ApiError(answer.status, "fault", NO_ANSWER);
  }
}
