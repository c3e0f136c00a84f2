"""Image_Disk_*_DM: minidisks of a directory entry. They hold nothing; who deploys guests wants them."""

from zvmsim.world.functions.parameters import DEVICE, Arguments, Parameter, number, required, text
from zvmsim.world.functions.registry import function
from zvmsim.world.smapi import Reply
from zvmsim.world.system import System


@function(
    "Image_Disk_Create_DM",
    required("image_disk_number", DEVICE),
    required("image_disk_device_type", text(8)),
    required("image_disk_allocation_type", text(8)),
    required("allocation_area_name_or_volser", text(8)),
    required("allocation_unit_size", number(1, 5)),
    required("image_disk_size", number(1, 999_999_999)),
    required("image_disk_mode", text(8)),
    Parameter("image_disk_formatting", number(0, 6)),
    Parameter("image_disk_label", text(6)),
    Parameter("read_password", text(8)),
    Parameter("write_password", text(8)),
    Parameter("multi_password", text(8)),
    mutating=True,
    positional=True,
)
def disk_create(system: System, call: Arguments) -> Reply:
    """Add a minidisk: 400/4, 400/12, 404/4 for a device that is there already.

    Guess: its volume and first cylinder, which DirMaint chooses; here the group's name stands for the volume.
    """
    vdev, device_type = call.text("image_disk_number"), call.text("image_disk_device_type")
    size, volume = call.text("image_disk_size"), call.text("allocation_area_name_or_volser")
    record = f"MDISK {vdev} {device_type} 1 {size} {volume} {call.text('image_disk_mode')}"
    system.directory.add_disk(call.target, vdev, record, call.caller)
    return Reply()
