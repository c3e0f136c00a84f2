"""`zvmlab-full`: starts a whole OpenStack, tells the story of servers on it, and stays up unless told not."""

import argparse
import contextlib
import sys
import time
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from zvmlab import command, show
from zvmlab.cloud.errors import CloudError
from zvmlab.full_story import guide
from zvmlab.full_story.cast import FIRST, SECOND
from zvmlab.full_story.lab import FullLab, open_lab
from zvmlab.full_story.story import TROUBLE, Story
from zvmlab.picture import Picture
from zvmlab.stage import Stage

PATIENCE_S: Final = 120.0
"""A nova-compute on a busy machine takes its time."""


def main() -> int:
    """Returns the exit code: 0 if every expectation held."""
    options = _options()
    console = Console(highlight=False)
    console.width = max(show.WIDTH, console.width)
    command.end_on_signals()
    try:
        return run(options, console)
    except KeyboardInterrupt:
        console.print("\nInterrupted; everything has been ended.")
        return command.INTERRUPTED
    except CloudError as error:
        console.print(f"The cloud does not work: {error}", markup=False)
        return command.FAILED


def run(options: argparse.Namespace, console: Console) -> int:
    """Start a lab, tell the story, show what came of it, stay if wanted. Raises CloudError."""
    with contextlib.ExitStack() as stack:
        lab = _started(stack, console, options.state_dir)
        stage = Stage(console, PATIENCE_S)
        story = Story(lab, stage)
        sights: list[Picture] = []
        story.tell(before_the_end=lambda: sights.append(story.servers.picture()))
        held = not stage.failed()
        if options.once or not held:
            for sight in sights:
                show.everything(console, sight)
        show.figures(console, None, stage.chapters, "Feilong")
        show.outcome(console, stage, lab.logs(), logs_stay=not options.once or options.state_dir is not None)
        if not options.once:
            _stay(console, lab, story, rebuild=held)
    return 0 if held else command.FAILED


def _started(stack: contextlib.ExitStack, console: Console, state_dir: Path | None) -> FullLab:
    """A lab that comes up before one's eyes."""
    console.print("\n[bold cyan]    OpenStack comes up[/]")
    started = time.monotonic()

    def told(what: str, seconds: float) -> None:
        console.print(f"    [green]✓[/] {escape(what)} [dim]({seconds:.0f} s)[/]")

    with console.status("[dim]OpenStack comes up[/]"):
        lab = stack.enter_context(open_lab(told, state_dir))
    console.print(f"    all of it in {time.monotonic() - started:.0f} s")
    return lab


def _stay(console: Console, lab: FullLab, story: Story, rebuild: bool) -> None:
    """Keep the lab up until Ctrl-C or Ctrl-D, after a story that held with the same servers as before."""
    with contextlib.suppress(KeyboardInterrupt, EOFError):
        if rebuild:
            with console.status("The same servers once more, to look at"):
                _rebuild(console, story)
            show.everything(console, story.servers.picture())
        console.print(guide.how_to_go_on(lab), soft_wrap=True)
        console.print("\nCtrl-C (or SIGTERM) ends the lab.")
        command.wait_for_a_signal()


def _rebuild(console: Console, story: Story) -> None:
    try:
        for role in (FIRST, SECOND):
            story.servers.create(role)
        story.servers.wait_active(PATIENCE_S)
    except TROUBLE as trouble:
        console.print(f"Not all of it came back: {trouble}", markup=False)


def _options() -> argparse.Namespace:
    return command.parser("zvmlab-full", __doc__).parse_args()


if __name__ == "__main__":
    sys.exit(main())
