/** A view that rests while it is out of sight: it stays as it was, whatever moves elsewhere on the page. */

import { Component, type ComponentChildren } from "preact";

interface RestingProps {
  open: boolean;
  children: ComponentChildren;
}

export class Resting extends Component<RestingProps> {
  override shouldComponentUpdate(next: RestingProps): boolean {
    return next.open;
  }

  render({ children }: RestingProps) {
    return children;
  }
}
