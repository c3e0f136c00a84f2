"""`zvmlab`: starts a cloud, tells the story on it, shows what came of it, and stays up unless told not to."""

import argparse
import contextlib
import signal
import sys
import threading
from pathlib import Path
from typing import Final

from rich.console import Console

from zvmlab import guide, show
from zvmlab.cast import EDGES, GUESTS
from zvmlab.cloud.base import Cloud
from zvmlab.cloud.embedded import EmbeddedCloud
from zvmlab.cloud.errors import CloudError
from zvmlab.cloud.full import FullCloud
from zvmlab.lab import CONTROL_POINTS, Lab, open_lab
from zvmlab.picture import Picture, take_picture
from zvmlab.population import Population
from zvmlab.stage import Stage
from zvmlab.story import TROUBLE, Story

BACKENDS: Final[dict[str, type[Cloud]]] = {"embedded": EmbeddedCloud, "full": FullCloud}
FAILED: Final = 1
INTERRUPTED: Final = 130


def main() -> int:
    """Returns the exit code: 0 if every expectation held."""
    options = _options()
    console = Console(highlight=False)
    console.width = max(show.WIDTH, console.width)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        return run(options, console)
    except KeyboardInterrupt:
        console.print("\nInterrupted; everything has been ended.")
        return INTERRUPTED
    except CloudError as error:
        console.print(f"The cloud does not work: {error}", markup=False)
        return FAILED


def run(options: argparse.Namespace, console: Console) -> int:
    """Start a lab, tell the story, show what came of it, stay if wanted. Raises CloudError."""
    with contextlib.ExitStack() as stack:
        way = CONTROL_POINTS[options.control_point]
        with console.status(f"Two z/VM systems, {way.manner.title} and Neutron start"):
            lab = stack.enter_context(open_lab(BACKENDS[options.backend], way, options.state_dir))
        stack.callback(signal.signal, signal.SIGINT, signal.SIG_IGN)  # an end once begun comes to its end
        stage = Stage(console)
        story = Story(lab, stage)
        sights: list[Picture] = []
        story.tell(before_the_end=lambda: sights.append(take_picture(lab, story.population)))
        held = not stage.failed()
        if options.once or not held:
            for sight in sights:
                show.everything(console, sight)
        show.figures(console, story.calls, stage.chapters, way.manner.title)
        show.outcome(console, stage, lab.logs(), logs_stay=not options.once or options.state_dir is not None)
        if not options.once:
            _stay(console, lab, story.population, rebuild=held)
    return 0 if held else FAILED


def _stay(console: Console, lab: Lab, population: Population, rebuild: bool) -> None:
    """Keep the lab up until Ctrl-C or Ctrl-D, after a story that held with the same guests as before."""
    with contextlib.suppress(KeyboardInterrupt, EOFError):
        if rebuild:
            with console.status("The same networks and guests once more, to look at"):
                _rebuild(console, lab, population)
            show.everything(console, take_picture(lab, population))
        console.print(guide.how_to_go_on(lab), soft_wrap=True)
        while sys.stdin.isatty():
            console.input("\n[bold]Enter[/] shows everything as it is now, [bold]Ctrl-C[/] ends the lab. ")
            show.everything(console, take_picture(lab, population))
        console.print("\nCtrl-C (or SIGTERM) ends the lab.")
        threading.Event().wait()


def _rebuild(console: Console, lab: Lab, population: Population) -> None:
    edges = EDGES if lab.control_point.manner.way == "directory" else ()
    try:
        population.rebuild((*GUESTS, *edges))
    except TROUBLE as trouble:
        console.print(f"Not all of it came back: {trouble}", markup=False)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="zvmlab", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the story; exit code 0 if all held")
    parser.add_argument(
        "--backend",
        choices=BACKENDS,
        default="embedded",
        help="Neutron and agents in one process, or as sites run them, with RabbitMQ and MariaDB",
    )
    parser.add_argument("--control-point", choices=CONTROL_POINTS, default="xcat", help="the way to z/VM")
    parser.add_argument(
        "--state-dir", type=_folder, help="a new directory for all files and logs, which then stays"
    )
    return parser.parse_args()


def _folder(text: str) -> Path:
    """Processes with folders of their own shall find it, too."""
    return Path(text).absolute()


if __name__ == "__main__":
    sys.exit(main())
