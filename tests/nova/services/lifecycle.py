"""Guests live on through restarts of nova-compute; what z/VM has lost is made anew."""

from nova import context, objects

from tests.nova.services.base import IMAGE, ZvmCase

WEB = {"cidr": "10.1.0.0/24"}


class LifecycleTest(ZvmCase):
    def setUp(self) -> None:
        super().setUp()
        network = self.neutron.network(WEB)
        self.ports = [self.neutron.port(network, f"10.1.0.{number}") for number in (8, 9)]
        self.server = self.boot(*self.ports)
        self.guest = self.userid(self.server)
        self.right = self.site.nics(self.guest)

    def restart(self) -> None:
        self.compute = self.restart_compute_service(self.compute, keep_hypervisor_state=False)

    def lose(self, vdev: str) -> None:
        """Somebody edits the user directory."""
        directory = self.site.system.directory
        with self.site.simulator.world.lock:
            kept = (record for record in directory.source[self.guest] if f"NICDEF {vdev}" not in record)
            directory.source[self.guest] = tuple(kept)

    def test_a_restart_changes_nothing_that_is_right(self) -> None:
        before = self.site.mark()
        self.restart()
        assert self.site.mutations(before) == []
        assert self.site.nics(self.guest) == self.right

    def test_a_guest_is_found_though_its_instance_is_deleted(self) -> None:
        driver = self.compute.manager.driver
        assert driver.list_instance_uuids() == [self.server["id"]]
        objects.Instance.get_by_uuid(context.get_admin_context(), self.server["id"]).destroy()
        assert driver.list_instance_uuids() == [self.server["id"]]

    def test_a_restart_mends_what_is_lost(self) -> None:
        self.lose("1003")
        self.restart()
        assert sorted(self.site.nics(self.guest).values()) == sorted(self.right.values())
        assert self.until_state(self.server, "ACTIVE")

    def test_a_restart_while_z_vm_cannot_be_read_leaves_the_instance_alone(self) -> None:
        self.site.fail("Image_Query_DM", 596, 1157, object=self.guest)
        self.restart()
        self.site.mend()
        assert self.until_state(self.server, "ACTIVE")

    def test_a_hard_reboot_mends_what_is_lost(self) -> None:
        self.lose("1003")
        self.api.post_server_action(self.server["id"], {"reboot": {"type": "HARD"}})
        self.until(lambda: len(self.site.nics(self.guest)) == len(self.right))
        self.until_state(self.server, "ACTIVE")
        assert len(self.site.live_nics(self.guest)) == len(self.right)

    def test_a_rebuild_makes_them_anew(self) -> None:
        self.api.post_server_action(self.server["id"], {"rebuild": {"imageRef": IMAGE}})
        self.notifier.wait_for_versioned_notifications("instance.rebuild.end", timeout=60)
        self.until_state(self.server, "ACTIVE")
        assert self.site.nics(self.guest) == self.right
        assert self.site.live_nics(self.guest) == set(self.right)
        assert len(self.site.scripts(self.guest)) == 1
