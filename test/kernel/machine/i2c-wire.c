// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The two wires of an I2C bus with register chips on them, for the tests' User-Mode Linux kernel. It stands in for wires
 * and chips, not for the kernel: the kernel's own i2c-gpio drives GPIO line 0 (SDA) and line 1 (SCL) of this chip, bit by
 * bit, and what /dev/i2c-1 says (ENXIO, EIO, ETIMEDOUT) comes from what it finds on the wires.
 *
 * Each address may have a chip of 256 registers of a byte: the first byte written is the register's number, what follows
 * goes there and to the next ones; a read gives from that register on. Attributes of the platform device:
 *   registers  binary, 128 * 256 bytes: register r of the chip at address a is byte a * 256 + r
 *   chips      write "<address> <state>", both decimal or 0x..: 0 absent (ENXIO), 1 answers, 2 acknowledges its address
 *              and no byte written to it (EIO), 3 acknowledges its address and then holds the clock until its state is
 *              written again (ETIMEDOUT); reading lists those that are not absent
 *   held       write "sda 1" or "scl 0": whether somebody holds that wire low for good. With SCL held no address is
 *              acknowledged (ENXIO); with SDA held every one seems to be, and every bit read is a 0, as on a real bus
 *   transfers  how many START conditions were seen, for a test that must know that the bus was left alone
 */
#include <linux/bitops.h>
#include <linux/gpio/driver.h>
#include <linux/mod_devicetable.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define ADDRESSES 128
#define REGISTERS 256

enum { SDA, SCL, WIRES };
enum presence { ABSENT, ANSWERS, REFUSES_DATA, HOLDS_CLOCK };
/* What the bits between two acknowledgements are. */
enum phase { IDLE, ADDRESS, POINTER, TAKING, SENDING };

struct bus {
	struct gpio_chip chip;
	spinlock_t lock; /* of all that follows */
	bool driven_low[WIRES]; /* by the kernel's side */
	bool held[WIRES];
	bool pulled; /* SDA, by the chip that is addressed */
	bool stretched; /* SCL, by that chip */
	bool level[WIRES]; /* as it was after the last change */
	enum phase phase;
	bool reading; /* the R/W bit of the address */
	unsigned int bits; /* since the last acknowledgement; 9 while it is on the wire */
	u8 byte;
	unsigned int address;
	unsigned long transfers;
	u8 pointer[ADDRESSES];
	u8 presence[ADDRESSES];
	u8 registers[ADDRESSES][REGISTERS];
};

/* A byte has come in whole: is it acknowledged, and what comes next? */
static bool take_byte(struct bus *bus)
{
	enum presence presence;

	if (bus->phase == ADDRESS) {
		bus->address = bus->byte >> 1;
		bus->reading = bus->byte & 1;
		bus->phase = POINTER;
		if (bus->presence[bus->address] != ABSENT)
			return true;
		bus->phase = IDLE;
		return false;
	}
	presence = bus->presence[bus->address];
	if (presence != ANSWERS)
		return false;
	if (bus->phase == POINTER) {
		bus->pointer[bus->address] = bus->byte;
		bus->phase = TAKING;
	} else {
		bus->registers[bus->address][bus->pointer[bus->address]++] = bus->byte;
	}
	return true;
}

static void clock_rises(struct bus *bus)
{
	if (bus->phase == IDLE)
		return;
	if (bus->bits == 8) {
		/* A byte read that is not acknowledged is the last one. */
		if (bus->phase == SENDING && bus->level[SDA])
			bus->phase = IDLE;
		bus->bits = 9;
		return;
	}
	bus->byte = bus->byte << 1 | bus->level[SDA];
	bus->bits++;
}

/* While SCL is low, and only then, a chip may change SDA. */
static void clock_falls(struct bus *bus)
{
	if (bus->bits == 9) {
		bus->bits = 0;
		bus->pulled = false;
		bus->stretched = bus->phase != IDLE && bus->presence[bus->address] == HOLDS_CLOCK;
		if (bus->phase == POINTER && bus->reading)
			bus->phase = SENDING;
		if (bus->phase == SENDING)
			bus->byte = bus->registers[bus->address][bus->pointer[bus->address]++];
	}
	if (bus->phase == IDLE)
		bus->pulled = false;
	else if (bus->phase == SENDING)
		bus->pulled = bus->bits < 8 && !(bus->byte & 0x80);
	else if (bus->bits == 8)
		bus->pulled = take_byte(bus);
}

static void settle(struct bus *bus)
{
	bool scl = !(bus->driven_low[SCL] || bus->held[SCL] || bus->stretched);
	bool sda = !(bus->driven_low[SDA] || bus->held[SDA] || bus->pulled);

	if (scl && bus->level[SCL] && sda != bus->level[SDA]) {
		bus->phase = sda ? IDLE : ADDRESS;
		bus->bits = 0;
		bus->pulled = false;
		bus->transfers += !sda;
	}
	bus->level[SDA] = sda;
	if (scl == bus->level[SCL])
		return;
	bus->level[SCL] = scl;
	if (scl) {
		clock_rises(bus);
	} else {
		clock_falls(bus);
		bus->level[SDA] = !(bus->driven_low[SDA] || bus->held[SDA] || bus->pulled);
	}
}

static void drive(struct gpio_chip *chip, unsigned int wire, bool low)
{
	struct bus *bus = gpiochip_get_data(chip);
	unsigned long flags;

	spin_lock_irqsave(&bus->lock, flags);
	bus->driven_low[wire] = low;
	settle(bus);
	spin_unlock_irqrestore(&bus->lock, flags);
}

static int wire_input(struct gpio_chip *chip, unsigned int wire)
{
	drive(chip, wire, false);
	return 0;
}

static int wire_output(struct gpio_chip *chip, unsigned int wire, int value)
{
	drive(chip, wire, !value);
	return 0;
}

static void wire_set(struct gpio_chip *chip, unsigned int wire, int value)
{
	drive(chip, wire, !value);
}

static int wire_get(struct gpio_chip *chip, unsigned int wire)
{
	struct bus *bus = gpiochip_get_data(chip);

	return bus->level[wire];
}

/* Wires of a bus are never driven high: what gpiolib asks for is what they are. */
static int wire_set_config(struct gpio_chip *chip, unsigned int wire, unsigned long config)
{
	return pinconf_to_config_param(config) == PIN_CONFIG_DRIVE_OPEN_DRAIN ? 0 : -ENOTSUPP;
}

static ssize_t chips_show(struct device *dev, struct device_attribute *attr, char *text)
{
	struct bus *bus = dev_get_drvdata(dev);
	int address, at = 0;

	for (address = 0; address < ADDRESSES; address++)
		if (bus->presence[address] != ABSENT)
			at += sysfs_emit_at(text, at, "0x%02x %d\n", address, bus->presence[address]);
	return at;
}

static ssize_t chips_store(struct device *dev, struct device_attribute *attr, const char *text, size_t size)
{
	struct bus *bus = dev_get_drvdata(dev);
	unsigned long flags;
	int address, state;

	if (sscanf(text, "%i %i", &address, &state) != 2)
		return -EINVAL;
	if (address < 0 || address >= ADDRESSES || state < ABSENT || state > HOLDS_CLOCK)
		return -EINVAL;
	spin_lock_irqsave(&bus->lock, flags);
	bus->presence[address] = state;
	bus->stretched = false;
	settle(bus);
	spin_unlock_irqrestore(&bus->lock, flags);
	return size;
}
static DEVICE_ATTR_RW(chips);

static ssize_t held_show(struct device *dev, struct device_attribute *attr, char *text)
{
	struct bus *bus = dev_get_drvdata(dev);

	return sysfs_emit(text, "sda %d\nscl %d\n", bus->held[SDA], bus->held[SCL]);
}

static ssize_t held_store(struct device *dev, struct device_attribute *attr, const char *text, size_t size)
{
	struct bus *bus = dev_get_drvdata(dev);
	unsigned long flags;
	char wire[4];
	int low;

	if (sscanf(text, "%3s %d", wire, &low) != 2 || (strcmp(wire, "sda") && strcmp(wire, "scl")))
		return -EINVAL;
	spin_lock_irqsave(&bus->lock, flags);
	bus->held[strcmp(wire, "sda") ? SCL : SDA] = low;
	settle(bus);
	spin_unlock_irqrestore(&bus->lock, flags);
	return size;
}
static DEVICE_ATTR_RW(held);

static ssize_t transfers_show(struct device *dev, struct device_attribute *attr, char *text)
{
	struct bus *bus = dev_get_drvdata(dev);

	return sysfs_emit(text, "%lu\n", bus->transfers);
}
static DEVICE_ATTR_RO(transfers);

static ssize_t registers_read(struct file *file, struct kobject *kobj, struct bin_attribute *attr, char *to, loff_t from,
			      size_t size)
{
	struct bus *bus = dev_get_drvdata(kobj_to_dev(kobj));

	memcpy(to, &bus->registers[0][0] + from, size);
	return size;
}

static ssize_t registers_write(struct file *file, struct kobject *kobj, struct bin_attribute *attr, char *from, loff_t to,
			       size_t size)
{
	struct bus *bus = dev_get_drvdata(kobj_to_dev(kobj));

	memcpy(&bus->registers[0][0] + to, from, size);
	return size;
}
static BIN_ATTR_RW(registers, ADDRESSES * REGISTERS);

static struct attribute *bus_attrs[] = { &dev_attr_chips.attr, &dev_attr_held.attr, &dev_attr_transfers.attr, NULL };
static struct bin_attribute *bus_bin_attrs[] = { &bin_attr_registers, NULL };
static const struct attribute_group bus_group = { .attrs = bus_attrs, .bin_attrs = bus_bin_attrs };
__ATTRIBUTE_GROUPS(bus);

static int bus_probe(struct platform_device *device)
{
	struct bus *bus = devm_kzalloc(&device->dev, sizeof(*bus), GFP_KERNEL);

	if (!bus)
		return -ENOMEM;
	spin_lock_init(&bus->lock);
	bus->level[SDA] = bus->level[SCL] = true;
	bus->chip.label = "i2c-wire";
	bus->chip.parent = &device->dev;
	bus->chip.owner = THIS_MODULE;
	bus->chip.base = -1;
	bus->chip.ngpio = WIRES;
	bus->chip.get = wire_get;
	bus->chip.set = wire_set;
	bus->chip.direction_input = wire_input;
	bus->chip.direction_output = wire_output;
	bus->chip.set_config = wire_set_config;
	platform_set_drvdata(device, bus);
	return devm_gpiochip_add_data(&device->dev, &bus->chip, bus);
}

static const struct of_device_id bus_ids[] = { { .compatible = "edge-wasi,i2c-wire" }, {} };

static struct platform_driver bus_driver = {
	.probe = bus_probe,
	.driver = {
		.name = "i2c-wire",
		.of_match_table = bus_ids,
		.dev_groups = bus_groups,
		.suppress_bind_attrs = true, /* built in, and there for good */
	},
};
builtin_platform_driver(bus_driver);
