/** "Save as …" under a picture: the picture or its table as a file, stamped with everything that decided it. */

import { createContext, type RefObject } from "preact";
import { useContext, useState } from "preact/hooks";
import { toCsv } from "../../src/core/csv.js";
import { GlassboxError } from "../../src/shared/errors.js";
import { t } from "../../src/shared/l10n.js";
import type { CommonHostProtocol, Provenance, SavedKind } from "../../src/shared/panels/panel.js";
import type { Caller } from "../../src/shared/rpc.js";
import type { TableData } from "./Figure.js";
import { pictureOf, pngOf } from "./pictureOf.js";
import { LinkButton } from "./toolkit.js";

/** What a panel gives to all its figures, so that they can be saved. */
export interface Saving {
  host: Caller<Pick<CommonHostProtocol, "provenance" | "saveFile">>;
  /** A file's name without its ending, such as "next-token". */
  name: string;
  /** What decided the numbers, as the panel knows it: text, settings, seed. The host adds the model. */
  about(): Provenance | Promise<Provenance>;
}

export const SavingContext = createContext<Saving | undefined>(undefined);

/** Characters of a value that a picture shows in full. */
const LONGEST_VALUE = 240;

const PICTURES: readonly SavedKind[] = ["svg", "png"];
const TABLES: readonly SavedKind[] = ["csv", "json"];

export function SaveLinks(props: {
  /** What a picture is taken of; undefined while the table is shown in its place. */
  picture: RefObject<Element | null> | undefined;
  /** Added to the name of the file. */
  name: string | undefined;
  caption: string;
  table: TableData;
}) {
  const saving = useContext(SavingContext);
  const [open, setOpen] = useState(false);
  const [note, setNote] = useState<{ text: string; failed: boolean }>();
  if (!saving) return null;
  const save = async (kind: SavedKind) => {
    setNote({ text: t("Saving …"), failed: false });
    try {
      const about = [...(await saving.about()), ...(await saving.host.call("provenance", {}))];
      const content = await contentOf(kind, about, props);
      const name = props.name === undefined ? saving.name : `${saving.name}-${props.name}`;
      await saving.host.call("saveFile", { name, kind, content });
      setNote(undefined);
    } catch (thrown) {
      const { code, message, remedy } = GlassboxError.from(thrown);
      setNote(
        code === "cancelled"
          ? undefined
          : { text: [message, remedy].filter(Boolean).join(" "), failed: true },
      );
    }
  };
  const kinds = props.picture ? [...PICTURES, ...TABLES] : TABLES;
  return (
    <>
      {" "}
      <LinkButton onClick={() => setOpen(!open)} expanded={open}>
        {t("Save")}
      </LinkButton>
      {open && (
        <span class="gb-save">
          {kinds.map((kind) => (
            <LinkButton
              key={kind}
              label={t("Save as {0}", kind.toUpperCase())}
              onClick={() => void save(kind)}
            >
              {kind.toUpperCase()}
            </LinkButton>
          ))}
        </span>
      )}
      {note && (
        <span class={note.failed ? "gb-save-failed" : "gb-dim"} role={note.failed ? "alert" : "status"}>
          {" "}
          {note.text}
        </span>
      )}
    </>
  );
}

async function contentOf(
  kind: SavedKind,
  about: Provenance,
  {
    picture,
    caption,
    table,
  }: { picture: RefObject<Element | null> | undefined; caption: string; table: TableData },
): Promise<Uint8Array> {
  const utf8 = (text: string) => new TextEncoder().encode(text);
  const exact = () => table.exact?.() ?? table.rows();
  if (kind === "csv") {
    const stamp = about.map(([label, value]) => [`# ${label}`, value]);
    return utf8(toCsv([...stamp, ["# Shows", caption], [], table.columns, ...exact()]));
  }
  if (kind === "json") {
    const rows = exact().map((row) =>
      Object.fromEntries(table.columns.map((column, at) => [column, row[at] ?? ""])),
    );
    return utf8(
      `${JSON.stringify({ about: Object.fromEntries(about), shows: caption, rows }, undefined, 2)}\n`,
    );
  }
  if (!picture?.current) throw new GlassboxError("failed", t("There is no picture on the page to save."));
  const lines = [caption, ...about.map(([label, value]) => `${label}: ${withoutMiddle(value)}`)];
  const drawn = pictureOf(picture.current, lines);
  return kind === "svg" ? utf8(drawn.svg) : pngOf(drawn);
}

/** A picture has no room for a long text; tables and data have the whole. */
function withoutMiddle(value: string): string {
  const characters = [...value];
  if (characters.length <= LONGEST_VALUE) return value;
  return [...characters.slice(0, LONGEST_VALUE / 4), " … ", ...characters.slice(-LONGEST_VALUE / 2)].join("");
}
