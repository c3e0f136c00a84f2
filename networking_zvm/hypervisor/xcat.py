"""z/VM through an xCAT management node (MN) and the zHCP, a Linux guest of the z/VM system that runs smcli.

One look at a system is one script on the zHCP; after changes, when ports wait for it, two side by side, since
z/VM takes its time for each command. All z/VM commands of one guest's changes are another. The guest's
directory record is written by a script too and never by `chvm --smcli`, which keeps silent when SMAPI fails
(xcat-core zvm.pm). Notes for Nova go into xCAT's tables afterwards.
"""

import datetime
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import tenacity
from oslo_log import log

from networking_zvm import errors, model
from networking_zvm.hypervisor import (
    base,
    cp_texts,
    guest_view,
    side_by_side,
    smapi_codes,
    smcli,
    smcli_guest,
    smcli_queries,
    vswitch_listing,
    vswitch_users,
)
from networking_zvm.hypervisor.xcat_answer import ScriptOutput, Section
from networking_zvm.hypervisor.xcat_client import XcatClient
from networking_zvm.hypervisor.xcat_management import ManagementNicKeeper
from networking_zvm.hypervisor.xcat_ports import PortTable
from networking_zvm.settings import XcatSettings

LOG = log.getLogger(__name__)

_BOOT: smcli.Words = ("cat", "/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class _Identity:
    """What stays the same from one IPL to the next. zhcp: the userid under which smcli runs.

    boot: Linux's name for this run of the zHCP. An IPL of z/VM ends it, so while it lasts there was none; to
    ask for it costs no z/VM command.
    """

    boot: str
    zhcp: model.Userid
    name: str
    mac_prefix: model.MacPrefix
    times: smcli_queries.SystemTimes


@dataclass(frozen=True, slots=True)
class _Step:
    """One z/VM command and the position of the change it belongs to."""

    position: int
    command: smcli.Command


class _ChangedMeanwhileError(errors.Untrusted):
    """z/VM asks to be asked again (900/99)."""


class XcatHypervisor:
    """One z/VM system as its zHCP and the MN show it; fulfils `base.Hypervisor`."""

    capabilities = base.Capabilities(
        ways=frozenset({model.Way.GRANT}), defines_nics=True, records=True, notes=True, trunks=True
    )

    def __init__(
        self,
        settings: XcatSettings,
        persistent: bool,
        management_vswitch: model.VSwitchName | None = None,
    ) -> None:
        """persistent: grants and created vswitches shall survive an IPL.

        management_vswitch: where the MN's own NIC belongs, if the settings want one. Raises
        ConfigurationError.
        """
        self._client = XcatClient(settings)
        self._zhcp_node = settings.zhcp_node
        self._persistent = persistent
        self._ports = PortTable(self._client, settings.zhcp_node)
        self._identity: _Identity | None = None
        self._users_apart = False
        self._is_awaited = False
        self._management: ManagementNicKeeper | None = None
        if settings.management_nic and management_vswitch:
            nic = settings.management_nic
            self._management = ManagementNicKeeper(self._client, nic, management_vswitch)

    def describe(self) -> model.SystemInfo:
        """Who answers. Raises Unreachable, Untrusted, Unknown."""
        version = self._client.version()
        asked = datetime.datetime.now(datetime.UTC)
        identity = self._identify()
        half_way = asked + (datetime.datetime.now(datetime.UTC) - asked) / 2
        return model.SystemInfo(
            name=identity.name,
            version=identity.times.version,
            ipl_time=identity.times.ipl_time,
            mac_prefix=identity.mac_prefix,
            control_point_version=f"xCAT {version}",
            clock_skew=identity.times.clock_skew(half_way),
        )

    def observe(self) -> model.System:
        """One look at the system: one script, or two when it has been IPLed. Raises as describe().

        A third one comes once in a lifetime, when it turns out that the zHCP's smcli leaves out users.
        """
        return _until_unchanged()(self._look)

    def look_at(self, userid: model.Userid) -> model.GuestView:
        """One guest alone: one script, and one look at the table of ports.

        Raises Gone, and as describe().
        """
        return _until_unchanged()(self._look_at, userid)

    def port_records(self) -> tuple[model.PortRecord, ...]:
        """Which NIC is which port. Raises as describe()."""
        return self._ports.read()

    def change(self, changes: Sequence[base.GuestChange]) -> None:
        """Carry out changes of one guest in order. Raises ChangeFailed."""
        self._is_awaited = True
        for is_note, run in itertools.groupby(enumerate(changes), key=_is_note):
            if is_note:
                self._note(run)
            else:
                self._carry_out(self._steps(run))

    def create_vswitch(self, spec: model.VSwitchSpec) -> None:
        """Create the vswitch; one that exists already and is as wanted is accepted.

        Raises Refused, Busy, Unknown, Unreachable.
        """
        try:
            caller = (self._identity or self._identify()).zhcp
            command = smcli.create_vswitch(caller, spec, self._persistent)
            output = self._client.run(self._zhcp_node, [command.words])
            error = smcli.failure(f"create vswitch {spec.name}: {command.words[1]}", output.sections[0].text)
            if error and (error.rc, error.rs) not in command.already:
                raise error
            self._prove(spec, caller)
        except errors.Untrusted as error:
            raise errors.Unknown(f"create vswitch {spec.name}: {error}") from error

    def maintain(self) -> None:
        """Look after the MN's own NIC, if settings ask for one: one call, and none otherwise.

        Raises ConfigurationError if it has another address, and what observe() raises.
        """
        if self._management:
            self._management.ensure()

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _identify(self) -> _Identity:
        commands = (_BOOT, cp_texts.WHO, cp_texts.MAC_PREFIXES, smcli_queries.SYSTEM_INFO)
        boot, who, vmlan, info = self._texts(commands)
        zhcp, name = cp_texts.read_who(who)
        times = smcli_queries.read_system_info(info)
        self._identity = _Identity(boot.strip(), zhcp, name, cp_texts.read_user_prefix(vmlan), times)
        return self._identity

    def _look(self) -> model.System:
        identity = self._identity or self._identify()
        apart = [smcli_queries.vswitch_users(identity.zhcp)] if self._users_apart else []
        network = (_BOOT, smcli_queries.vswitches(identity.zhcp), *apart)
        guests = (smcli_queries.nic_statements(identity.zhcp), smcli_queries.logged_on())
        boot, listing, *users, statements, names = self._ask(network, guests)
        if boot.strip() != identity.boot:
            LOG.info("The zHCP of z/VM %s has been started anew", identity.name)
            identity = self._identify()
        network_seen = self._network(identity, listing, users)
        return model.System(
            ipl_time=identity.times.ipl_time,
            mac_prefix=identity.mac_prefix,
            vswitches=network_seen.vswitches,
            directory=smcli_queries.read_nic_statements(statements),
            live=network_seen.live,
            logged_on=smcli_queries.read_logged_on(names),
        )

    def _look_at(self, userid: model.Userid) -> model.GuestView:
        port_ids: dict[model.NicAddress, frozenset[str]] = {}
        for record in self._ports.read():
            port_ids[record.address] = port_ids.get(record.address, frozenset()) | {record.port_id}
        sections = self._client.query(self._zhcp_node, [_BOOT, *smcli_guest.queries(userid)])
        _refuse_changed(sections)
        boot, entry, adapters, macs = sections
        statements = smcli_guest.read_statements(userid, entry)
        running = smcli_guest.read_running(userid, adapters, macs)
        identity = self._identity
        if identity is None or identity.boot != boot.text.strip():
            identity = self._identify()
        known = guest_view.read_entry(userid, statements)
        return guest_view.assemble(userid, identity.mac_prefix, known, running, port_ids)

    def _network(self, identity: _Identity, text: str, users: Sequence[str]) -> vswitch_listing.Listing:
        """All vswitches and coupled NICs. users: the older listing, if it has been asked for."""
        listing = vswitch_listing.read_listing(text)
        if not listing.incomplete:
            return listing
        if not users:
            LOG.info("smcli of node %s leaves out users without VLAN: asking for them apart", self._zhcp_node)
            self._users_apart = True
            users = list(self._texts([smcli_queries.vswitch_users(identity.zhcp)]))
        return vswitch_users.complete(listing, users[0])

    def _ask(self, first: tuple[smcli.Words, ...], second: tuple[smcli.Words, ...]) -> Sequence[str]:
        """What the commands print: asked in one call, or in two side by side while ports wait to be up."""
        if not self._is_awaited:
            return list(self._texts((*first, *second)))
        answers = side_by_side.each(lambda commands: list(self._texts(commands)), (first, second), 2)
        texts: list[str] = []
        for answer in (answers[first], answers[second]):
            if isinstance(answer, errors.HypervisorError):
                raise answer
            texts += answer
        self._is_awaited = False
        return texts

    def _texts(self, commands: Sequence[smcli.Words]) -> Iterator[str]:
        """What the commands print, each of which must succeed."""
        sections = self._client.query(self._zhcp_node, commands)
        _refuse_changed(sections)
        for words, section in zip(commands, sections, strict=True):
            yield smcli_queries.result(" ".join(words[:2]), section.status, section.text)

    def _steps(self, run: Iterator[tuple[int, base.GuestChange]]) -> list[_Step]:
        steps: list[_Step] = []
        for position, change in run:
            if isinstance(change, base.Record):
                continue
            try:
                commands = smcli.commands(change, self._persistent)
            except errors.Refused as error:
                raise base.ChangeFailed(position, error) from error
            steps += [_Step(position, command) for command in commands]
        return steps

    def _carry_out(self, steps: list[_Step]) -> None:
        """Send the steps as one script, and what is left of it after one that was done already."""
        while steps:
            try:
                output = self._client.run(self._zhcp_node, [step.command.words for step in steps])
            except errors.HypervisorError as error:
                raise base.ChangeFailed(steps[0].position, error) from error
            steps = self._left(steps, output)

    def _left(self, steps: list[_Step], output: ScriptOutput) -> list[_Step]:
        """The steps that are not proven done when the script has ended, or what is to be done instead.

        Raises ChangeFailed for one that has failed.
        """
        done = len(output.sections)
        for number, (step, section) in enumerate(zip(steps, output.sections, strict=False), 1):
            if step.command.is_wish:
                _tell_refusal(step.command, section)
                continue
            error = smcli.failure(str(step.command), section.text)
            if error and step.command.instead and (error.rc, error.rs) == smapi_codes.ALREADY_GRANTED:
                return [*(_Step(step.position, c) for c in step.command.instead), *steps[number:]]
            if error and not self._holds_already(step.command, error):
                raise base.ChangeFailed(step.position, error)
        if done < len(steps) and output.status is None:
            error = errors.Unknown(f"{steps[done].command}: the output ends before it")
            raise base.ChangeFailed(steps[done].position, error)
        return steps[done:]

    def _holds_already(self, command: smcli.Command, error: errors.HypervisorError) -> bool:
        if (error.rc, error.rs) not in command.already:
            return False
        is_nic = command.makes if (error.rc, error.rs) == smapi_codes.NIC_EXISTS else None
        in_question = command.couples.address if command.couples else is_nic
        if in_question is None:
            return True
        try:
            (text,) = self._texts([smcli.nic_query(in_question)])
        except errors.HypervisorError:
            return False
        return command.couples is None or smcli.is_coupled_to(text, command.couples.vswitch)

    def _note(self, run: Iterator[tuple[int, base.GuestChange]]) -> None:
        for position, change in run:
            if isinstance(change, base.Record):
                try:
                    self._ports.note(change)
                except errors.HypervisorError as error:
                    raise base.ChangeFailed(position, error) from error

    def _prove(self, spec: model.VSwitchSpec, caller: model.Userid) -> None:
        """Raise Unknown if the vswitch is not there, Refused if it is of another kind."""
        (section,) = self._client.query(self._zhcp_node, [smcli_queries.vswitches(caller, spec.name)])
        vswitch = vswitch_listing.read_listing(section.text).vswitches.get(spec.name)
        if vswitch is None:
            raise errors.Unknown(f"vswitch {spec.name} is not there after it was created")
        if vswitch.layer is not model.Layer.ETHERNET or vswitch.vlan_aware != spec.vlan_aware:
            raise errors.Refused(f"vswitch {spec.name} exists already, but with other properties")


def _until_unchanged() -> tenacity.Retrying:
    """Looks again where z/VM asks for that."""
    return tenacity.Retrying(
        stop=tenacity.stop_after_attempt(3),
        wait=tenacity.wait_fixed(0.5),
        retry=tenacity.retry_if_exception_type(_ChangedMeanwhileError),
        reraise=True,
    )


def _refuse_changed(sections: Iterable[Section]) -> None:
    if any(smcli_queries.must_be_repeated(section.text) for section in sections):
        raise _ChangedMeanwhileError("z/VM changed while it was being asked")


def _tell_refusal(command: smcli.Command, section: Section) -> None:
    if refusal := cp_texts.refusal(section.text):
        LOG.warning("CP has refused %s: %s", " ".join(command.words[1:]), refusal)


def _is_note(item: tuple[int, base.GuestChange]) -> bool:
    return isinstance(item[1], base.Record)
