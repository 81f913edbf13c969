"""Word lists: names, places, things. Seen in training unless they stand in a HELD_OUT list."""


def _split(text):
    return text.split()


def _phrases(text):
    return [phrase.strip() for phrase in text.split(',')]


NAMES = _split('''Mira Tom Anna Ben Clara David Emma Felix Grace Henry Ida Jack Kate Leo Maria Nina Oscar Paul Rosa Sam Tina Victor
Wendy Adam Bella Carl Daisy Eric Fiona George Helen Ivan Julia Karl Lily Max Nora Oliver Peter Ruby Sarah Theo Uma Vera Will Yara Zoe
Alice Bob Carol Dan Ella Frank Gina Hugo Iris John Kim Lucy Mark Nadia Otto Priya Robert Sofia Tim Lena Jonas Mary James Lisa Ali Omar
Fatima Chen Wei Yuki Ken Aisha Diego Luis Carmen Pablo Elena Boris Olga Ines Marco Laura Simon Eva Martin''')
HELD_OUT_NAMES = _split('''Tobias Greta Malik Ingrid Cedric Paloma Ronan Sylvie Bruno Anouk Desmond Tilda Ravi Noemi Casper Winona Edgar
Salma Ulrich Beatrix''')
CITIES = _split('''Oslo Paris Rome London Berlin Madrid Vienna Lisbon Dublin Prague Athens Boston Chicago Denver Tokyo Delhi Cairo Lima
Toronto Sydney Bergen Milan Zurich Geneva Hamburg Munich Warsaw Budapest Seattle Austin Houston Nairobi Lagos Kyoto Seoul Hanoi Porto
Seville Naples Turin Glasgow York Bath Leeds Bonn Graz Basel Krakow''')
HELD_OUT_CITIES = _split('Tallinn Quito Malmo Bristol Lyon Osaka Tampa Ghent Split Adelaide')
JOBS = _split('''baker teacher doctor nurse pilot farmer painter singer writer lawyer driver cook waiter carpenter plumber gardener
engineer architect dentist librarian musician tailor sailor soldier judge actor dancer photographer programmer translator journalist
florist butcher fisherman electrician mechanic optician''')
COLOURS = _split('red blue green yellow orange purple pink black white brown grey gold silver violet turquoise')
FOODS = _split('''pizza pasta soup bread cheese rice salad fish chicken cake chocolate curry sushi potatoes pancakes apples cherries
noodles lentils tomatoes honey mushrooms waffles dumplings olives''')
DRINKS = _split('tea coffee milk water juice lemonade cocoa wine beer cider')
ANIMALS = _split('dog cat horse parrot rabbit hamster goldfish turtle pony goat')
PETS = _split('''Rex Luna Max Bella Milo Coco Rocky Daisy Charlie Lucky Simba Nala Oreo Biscuit Pepper Ginger Shadow Sunny Snowy Misty
Bruno Fluffy Tiger Smokey Toffee Hazel Pickles Waffles Felix Mimi''')
RELATIVES = _split('''sister brother mother father wife husband son daughter friend boss teacher neighbour uncle aunt cousin doctor
grandmother grandfather''')
HOBBIES = _split('''chess tennis football swimming painting reading cooking gardening sailing hiking dancing singing fishing cycling
knitting skiing running climbing photography pottery''')
INSTRUMENTS = _split('violin piano guitar flute drums cello trumpet harp clarinet accordion')
DAYS = _split('Monday Tuesday Wednesday Thursday Friday Saturday Sunday')
MONTHS = _split('January February March April May June July August September October November December')
THINGS = _split('''key passport phone umbrella wallet book letter ticket camera map ring coat hammer bicycle lamp suitcase notebook
laptop charger scarf''')
PLACES = ['drawer', 'kitchen', 'garden', 'car', 'cellar', 'attic', 'box', 'bag', 'office', 'garage', 'cupboard', 'bedroom', 'hall',
          'basket', 'desk', 'shed', 'bathroom', 'library', 'safe', 'fridge']
TIMES = ['on Monday', 'on Tuesday', 'on Wednesday', 'on Thursday', 'on Friday', 'on Saturday', 'on Sunday', 'tomorrow', 'tonight', 'today', 'this evening', 'in the morning',
         'next week', 'this week', 'at noon', 'after work']
ERRANDS = ['water the plants', 'pay the rent', 'clean the kitchen', 'call the bank', 'call the doctor', 'wash the car', 'go to the library', 'go to the market', 'see the doctor',
           'fetch the children', 'send the letter', 'bake a cake', 'pack my bag', 'buy a ticket', 'cut the grass', 'go to work early', 'feed the cat', 'walk the dog']
ACCOUNTS = _split('wifi email bank laptop phone computer library school office work game router server printer account')
EVENTS = _split('meeting party wedding concert exam dinner lesson trip visit interview lecture match')
LOCKS = _split('door safe gate locker garage bicycle alarm suitcase phone house office cellar')
VEHICLES = _split('car bicycle boat van scooter motorbike')
SUBJECTS = _split('history physics music law medicine art biology chemistry French German mathematics geography philosophy economics')
LANGUAGES = _split('French German Italian Spanish Norwegian Swedish Japanese Chinese Russian Greek Turkish Polish Irish Finnish Dutch Danish English')
MUSIC = _split('jazz rock opera folk soul blues pop techno')
NUMBERS = _split('two three four five six seven eight nine ten eleven twelve twenty')
COUNTED = _split('children cats dogs books bicycles brothers sisters friends chairs plants horses houses')
GOODS = _split('ticket coat lamp book table chair phone bicycle ring carpet camera boat hat clock mirror')
FEARS = _split('spiders snakes ghosts heights thunder mice bees wolves storms dragons')
LANDS = _split('Norland Estria Velden Morava Zubrow Lumina Kestria Arvon Tarsis Ombria')
COUNTRIES = _split('''France Germany Italy Spain Norway Sweden Japan China India Brazil Canada Mexico Egypt Kenya Peru Greece Turkey
Poland Ireland Finland''')

CONTACTS = _split('''dentist landlord landlady hairdresser lawyer colleague trainer manager professor girlfriend boyfriend doctor nurse plumber tutor coach
babysitter vet flatmate partner assistant gardener cleaner secretary director pupil guest baby nephew niece grandson twin vicar tailor''') + ['best friend', 'old friend', 'new boss', 'pen friend']
ROLES = _split('''chairman treasurer captain mayor guide secretary director manager cook teacher driver winner leader author speaker organist editor guard judge
president headmaster owner architect host translator painter trainer pilot tenant king queen witness''')
MEASURES = ['shoe size', 'seat number', 'flat number', 'phone number', 'customer number', 'bus number', 'house number', 'account number', 'ticket number', 'room', 'platform',
            'gate', 'number', 'height', 'limit', 'weight', 'postcode', 'shirt size', 'ring size', 'place', 'row', 'class', 'level', 'score', 'lucky number', 'table number', 'pulse', 'record']
FAVOURITES = _split('''film book song band team sport season animal flower game author month dish singer painter poem series street shop park fruit tree day
country island writer actor cheese bird toy holiday word lake composer restaurant story''')
DOINGS = _split('''collect sell grow need write build repair make love miss paint wear keep read prefer bake buy clean cook draw drive feed find hate help know like
mend play practise produce rent teach train translate use want watch fear design carry bring plant hunt dye carve polish record ride''')
STATES = ['allergic to', 'proud of', 'good at', 'bad at', 'fond of', 'interested in', 'looking for', 'waiting for', 'tired of', 'worried about', 'learning', 'reading', 'writing', 'selling',
          'building', 'planning', 'painting', 'afraid of', 'looking forward to', 'thinking of', 'working on', 'dreaming of', 'saving for', 'repairing', 'buying', 'used to', 'responsible for']
_THINGS_DONE = _split('''stamps coins roses novels shoes clocks maps guitars bicycles postcards records candles carpets dresses kites boats birds cactuses letters poems songs
bread butter honey milk nuts eggs wheat pollen dust cats wine tulips potatoes apples maths chess history music football cars houses hats shirts boots glasses knives
watches trains puzzles bees sheep horses tables chairs lamps radios films portraits cheese''')
_HOW = _split('old new small big red blue green black white wooden Italian French English good cheap rare young dry warm heavy')
_ONES = _split('report letter bill house garden piano garage boat roof fence kitchen novel speech shop website choir club wall bridge trip party cake dress programme')
WEEKLY = ['Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays', 'Sundays', 'weekdays', 'holidays', 'my birthday']
AMOUNTS = _split('rent salary deposit bill fine fee debt prize loan insurance pension tax entry allowance')
APPOINTMENTS = ['appointment', 'rehearsal', 'holiday', 'delivery', 'deadline', 'anniversary', 'test', 'flight', 'train', 'operation', 'course', 'race', 'sale', 'opening', 'funeral', 'call', 'check-up', 'haircut',
                'dance', 'next meeting', 'first lesson', 'final', 'festival', 'game', 'swimming lesson', 'breakfast', 'school trip', 'birthday party']
MOVING = _split('train bus ferry plane boat taxi tram coach flight ship')
OPENING = _split('shop bank museum library bakery market post pool office restaurant park gate theatre school station')
COMING = _split('electrician doctor postman guest cleaner parcel train gardener painter teacher mechanic baby inspector')
NAMED = _split('''restaurant boat school village street company team ship band farm shop river lake mountain project newspaper club pub theatre station island cafe hospital
film book song museum bridge castle game''')
MAKES = _split('Ford Fiat Toyota Opel Skoda Honda Seat Mini Audi Renault Tesla Mazda Saab Jeep Dacia Peugeot')
BODY = _split('arm leg foot hand knee back shoulder finger toe nose neck wrist ankle rib thumb elbow')
ILLNESSES = _split('flu cold cough fever measles mumps toothache headache migraine hiccups')
STUFF = _split('wood gold silver glass paper wool iron leather stone clay tin silk plastic brass ivory')
SAME = {'city': ('town', 'place'), 'town': ('city', 'place'), 'film': ('movie',), 'book': ('novel', 'book'), 'job': ('profession', 'work', 'occupation'), 'price': ('cost',), 'begin': ('start',), 'begins': ('starts',), 'start': ('begin',),
        'favourite': ('favorite', 'best'), 'colour': ('color',), 'called': ('named',), 'house': ('home', 'flat'), 'afraid': ('scared',), 'number': ('no', 'number'), 'meet': ('see',), 'give': ('buy', 'give'), 'bicycle': ('bike',), 'phone': ('telephone', 'mobile'),
        'children': ('kids',), 'mother': ('mum', 'mom'), 'father': ('dad',), 'hobby': ('pastime',), 'holiday': ('vacation',), 'ill': ('sick',), 'like': ('love', 'enjoy', 'like'), 'like best': ('prefer',), 'buy': ('get',), 'lunch': ('dinner',),
        'dish': ('meal',), 'picture': ('photo',), 'coat': ('jacket',), 'shop': ('store',), 'boss': ('chief', 'boss'), 'friend': ('friend', 'pal')}
_PREPOSITIONS = ['in', 'on', 'under', 'behind', 'next to', 'beside', 'near', 'in front of', 'above']
_FURNITURE = _split('table shelf bed sofa door stairs mat window roof tree stove piano wall mirror chair stone bridge church station house carpet curtain clock bench bucket pillow fence')
_SITES = _split('hospital school bank bakery museum factory airport library hotel shop station university restaurant farm theatre garage post zoo church market mine brewery circus prison')
_HOURS = ['half past', 'a quarter to', 'a quarter past']
KIN = _phrases('sister, brother, mother, father, wife, husband, son, daughter, uncle, aunt, cousin, grandmother, grandfather, nephew, niece, grandson, granddaughter, mum, dad, stepson')
CHILDREN = _phrases('son, daughter, nephew, niece, grandson, granddaughter, eldest son, eldest daughter, youngest son, youngest daughter, little boy, little girl, godson, stepdaughter')
PARTNERS = _phrases('wife, husband, girlfriend, boyfriend, partner, best friend, old sweetheart, oldest friend, first love, business partner')
ROOMS = _phrases('kitchen, bedroom, bathroom, hall, living room, study, dining room, nursery, spare room, cellar, attic, playroom, porch, guest room')
FITTINGS = _phrases('boiler, oven, dishwasher, washing machine, fridge, heating, kettle, toaster, freezer, shower, tumble dryer, lawnmower, doorbell, cooker, iron, vacuum cleaner, television')
PAPERS = _phrases('passport, driving licence, visa, season ticket, library card, membership card, bus pass, work permit, bank card, travel insurance, parking permit, fishing licence, student card')
TASKS = _phrases('tax return, essay, report, application, questionnaire, translation, invoice, costume, portrait, presentation, article, review, thesis, list of guests, budget, timetable, contract')
CLUBS = _phrases('choir, book club, chess club, running club, rowing club, orchestra, film club, sewing circle, football club, debating society, garden club, theatre group, brass band, tennis club')
SHOPPING = _phrases('bread, fish, meat, cheese, fruit, honey, milk, coffee, wine, soap, paper, wool, rice, butter, flour')
HOTDRINKS = _phrases('tea, coffee, cocoa, chocolate, breakfast tea, morning coffee, evening tea, green tea, black tea')
GARMENTS = _phrases('shoes, trousers, shirts, boots, jeans, jackets, jumpers, dresses, gloves, hats, T-shirts, coats, skirts, trainers')
GARMENT = _phrases('jumper, dress, shirt, coat, jacket, suit, skirt, hat, belt, cardigan, raincoat, scarf, blanket, rug, cap, bag')
DESTINATIONS = _phrases('work, school, the office, the station, the shops, the library, the gym, the pool, church, the market, college, the allotment, the harbour, the hospital, the factory')
BILLS = _phrases('electricity, gas, water, the phone, the internet, the gym, parking, the nursery, the newspaper, insurance, the allotment, music lessons, the garage, television, heating')
DEVICES = _phrases('phone, tablet, laptop, watch, bank card, computer, e-reader, satnav, credit card, work phone, games console, SIM card')
PLANTS = _phrases('roses, tomatoes, beans, tulips, ferns, lettuces, orchids, strawberries, cabbages, herbs, geraniums, carrots, peas, sunflowers, cactuses')
CROPS = _phrases('apples, pears, plums, cherries, strawberries, tomatoes, grapes, beans, raspberries, figs, walnuts, blackberries, gooseberries, pumpkins')
DOCTORS = _phrases('dentist, optician, hairdresser, physiotherapist, solicitor, eye clinic, vet, hospital, barber, tax office, surgery, bank, chiropodist, garage, skin clinic')
DELIVERED = _phrases('sofa, fridge, bed, wardrobe, table, desk, mattress, carpet, bicycle, washing machine, armchair, piano, printer, bookcase, cooker')
WASTE = _phrases('rubbish, paper, glass, garden waste, recycling, old clothes, cardboard, plastic, food waste, scrap metal')
NEAREST = _phrases('chemist, bank, bakery, post office, petrol station, bus stop, supermarket, hospital, cash machine, car park, letterbox, playground, hardware shop, launderette, police station')
BAKED = _phrases('cake, bread, pie, tart, pudding, lasagne, sponge, gingerbread, chicken, casserole, quiche, crumble, shortbread, flan')
# value classes of remark_list.py
VALUES = {
    'allergen': _phrases('nuts, milk, eggs, wheat, fish, shellfish, soya, pollen, cats, dust, penicillin, wool, bee stings, strawberries, celery, sesame, mustard, grass, feathers, horses, nickel, perfume, peanuts'),
    'diet': _phrases('vegetarian, vegan, diabetic, allergic to nuts, allergic to eggs, allergic to shellfish, lactose intolerant, on a low-salt diet, on a gluten-free diet, allergic to milk, allergic to fish, on a low-fat diet, allergic to wheat, allergic to soya, allergic to celery'),
    'blood': _phrases('A positive, A negative, B positive, B negative, AB positive, AB negative, O positive, O negative, A, B, AB, O'),
    'medicine': _phrases('aspirin, insulin, cough syrup, an ointment, eye drops, iron tablets, ibuprofen, an inhaler, vitamins, antibiotics, paracetamol, a hot water bottle, herbal tea, sleeping pills, a cream, little white pills'),
    'often': _phrases('every day, twice a week, once a month, every evening, three times a week, every other day, once a week, twice a day, every morning, on weekdays, once a fortnight, four times a year, every Sunday, twice a month, hardly ever'),
    'feeling': _phrases('happy, sad, tired, nervous, cheerful, lonely, excited, worried, angry, calm, proud, bored, hopeful, grumpy, homesick, relaxed, disappointed, grateful'),
    'floor': _phrases('ground, first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth, eleventh, twelfth, top'),
    'nth': _phrases('first, second, third, fourth, fifth, sixth, seventh, eighth, ninth, tenth, twelfth, fifteenth, twentieth, twenty-first, twenty-eighth, last'),
    'dwelling': _phrases('a cottage, a bungalow, a houseboat, a caravan, an old farmhouse, a terraced house, a small flat, a windmill, a converted barn, a big villa, a log cabin, a tower, a chapel, a lodge, a former school'),
    'area': _phrases('by the sea, in the mountains, in the country, near the station, in the old town, by the river, on the edge of town, behind the church, near the park, on an island, on a hill, near the airport, in the middle of town, by the canal, next to the school'),
    'nuisance': _phrases('the music, the dog, the traffic, the noise, the smoke, the trains, the parties, the building site, the bells, the smell, the drums, the rubbish, the parking, the foxes, the street lamp, the crying baby'),
    'outside': _phrases('behind the station, next to the church, in the high street, opposite the school, near the bridge, at the end of the road, by the river, in front of the library, on the market square, beside the town hall, round the corner, outside the cinema, under the railway bridge, near the harbour, in Mill Lane, behind the hospital'),
    'cause': _phrases('the rain, the noise, a strike, the snow, the damp, the storm, a burst pipe, the flood, a fire, bad weather, the heat, the fog, the mice, a power cut, the flu, the building work'),
    'heating': _phrases('gas, oil, wood, coal, electricity, solar power, a heat pump, a stove, pellets, hot water from the town, peat, an open fire'),
    'noise': _phrases('the vacuum cleaner, thunder, fireworks, the doorbell, the lawnmower, the postman, loud music, the hair dryer, sirens, the washing machine, strangers, the drill, motorbikes, the bagpipes, big dogs'),
    'breed': _phrases('poodle, spaniel, terrier, labrador, collie, dachshund, greyhound, beagle, boxer, husky, corgi, whippet, mongrel, sheepdog, pug, retriever, bulldog'),
    'month': _phrases('January, February, March, April, May, June, July, August, September, October, November, December'),
    'gift': _phrases('a watch, a new bicycle, a box of chocolates, a kite, a bunch of flowers, a teapot, a jigsaw puzzle, a warm scarf, a book about birds, a football, a necklace, a telescope, a toy train, a good pen, a cookery book, slippers, concert tickets, a drum kit, a sewing machine, a globe'),
    'kin': _phrases('mother, father, sister, brother, aunt, uncle, grandmother, grandfather, cousin, neighbour, mother-in-law, niece, husband, wife, daughter, best friend, stepfather'),
    'sport': _phrases('football, rugby, cricket, tennis, hockey, golf, badminton, netball, basketball, volleyball, squash, handball, table tennis, water polo, darts, bowls, judo, baseball'),
    'game': _phrases('cards, chess, bridge, darts, dominoes, draughts, bingo, snooker, table tennis, poker, charades, backgammon, whist, board games, hide and seek'),
    'genre': _phrases('crime novels, love stories, westerns, comics, ghost stories, travel books, poetry, fairy tales, biographies, science fiction, cookery books, history books, spy novels, plays, old newspapers, sea stories'),
    'team': _phrases('Arsenal, Everton, Chelsea, Liverpool, Celtic, Rangers, Fulham, Sunderland, Leeds United, Aston Villa, Millwall, Burnley, Barcelona, Juventus, Ajax, Benfica, Southampton, West Ham, the Tigers, the Rovers'),
    'transport': _phrases('bus, train, tram, bicycle, car, underground, ferry, taxi, scooter, boat, motorbike, coach, minibus, cable car, moped'),
    'travelling': _phrases('cycle, walk, drive, run, take the bus, take the train, take the tram, go on foot, go by bike, take a taxi, go by scooter, take the underground, take the ferry, get a lift, skate, ride the moped'),
    'duration': _phrases('two hours, ten minutes, half an hour, three weeks, an hour, five days, twenty minutes, a fortnight, a whole day, six hours, a month, three quarters of an hour, a week, ninety minutes, four days'),
    'minutes': _phrases('two hours, ten minutes, half an hour, an hour, twenty minutes, six hours, three quarters of an hour, ninety minutes, forty minutes, an hour and a half, five minutes, a quarter of an hour, twenty-five minutes, three hours'),
    'packing': _phrases('a toothbrush, sun cream, a raincoat, warm socks, a torch, a swimsuit, a sleeping bag, walking boots, a towel, sunglasses, a guidebook, a plug adapter, a first aid kit, a water bottle, a pillow, a hairbrush, binoculars, a penknife'),
    'carpart': _phrases('new tyres, new brakes, an oil change, a new battery, a new clutch, new wipers, a new exhaust, a new windscreen, a service, new spark plugs, a new fan belt, a wash, a new headlight, winter tyres'),
    'plate': _phrases('AB12 CDE, KX07 LMN, RT64 PQS, WV19 HJK, DN55 ZRA, LB03 XYT, GH71 OPA, EF22 BNM, YJ60 TRV, MK15 SAU, CX68 DWL, PO09 FGH'),
    'seat': _phrases('4A, 12C, 7F, 23B, 31D, 9E, 16A, 2C, 28F, 11B, 40D, 5A, 19E, 36C'),
    'bank': _phrases('Barclays, Lloyds, the Post Office, the Savings Bank, Santander, the Building Society, the Farmers Bank, Nationwide, the Credit Union, the Bank of Scotland, the City Bank, Metro Bank, the Northern Bank'),
    'payment': _phrases('by card, in cash, by cheque, by bank transfer, with the phone, in instalments, by direct debit, on account, with coins, at the end of the month, in advance, with vouchers'),
    'aim': _phrases('a new kitchen, a boat, a trip round the world, a motorbike, a house, driving lessons, the wedding, a piano, a camper van, a greenhouse, a new roof, a horse, university, a better computer, a pool, a caravan'),
    'shopwhere': _phrases('at the market, at the supermarket, from the farm, at the corner shop, in the high street, on the internet, from a stall by the harbour, at the health shop, from a neighbour, at the station, in the old town, from the cash and carry, at the village shop, from a van'),
    'grocery': _phrases('milk, bread, butter, sugar, flour, eggs, rice, coffee, tea, toilet paper, soap, washing powder, potatoes, onions, salt, cat food, oil, light bulbs, jam, toothpaste'),
    'additive': _phrases('milk, sugar, lemon, honey, cream, two sugars, milk and sugar, oat milk, a little milk, cinnamon, a drop of rum, ginger, syrup, one sugar, three sugars'),
    'breakfast': _phrases('porridge, toast and jam, a boiled egg, muesli, bacon and eggs, a banana, yoghurt, a croissant, cornflakes, kippers, rye bread, beans on toast, pancakes, fruit salad, a bun'),
    'size': _phrases('small, medium, large, 10, 12, 14, 16, 34, 36, 38, 39, 40, 42, 44, 46, 52'),
    'clothes': _phrases('a blue jumper, a red dress, a dark suit, a straw hat, a woollen scarf, a leather jacket, a kilt, a silk shirt, white trousers, a green coat, sandals, a bow tie, a long skirt, a cardigan, rubber boots, a yellow raincoat, a flat cap, a waistcoat'),
    'fault': _phrases('too small, too big, the wrong colour, too expensive, too heavy, torn, stained, too thin, damaged, too long, dirty, too short, faded, badly made, full of holes, the wrong size'),
    'post': _phrases('treasurer, chairman, secretary, captain, president, pianist, coach, caretaker, webmaster, referee, cook, deputy, spokesman, driver'),
    'show': _phrases('the opera, the circus, the ballet, the cup final, a musical, a pop concert, the pantomime, a magic show, a puppet show, the ice show, a play by Shakespeare, a folk band, a comedian, the tennis final, a jazz concert'),
    'plant': _phrases('roses, tulips, beans, carrots, lavender, potatoes, sunflowers, strawberries, peas, an apple tree, daffodils, a cherry tree, onions, ivy, lettuces, rhubarb, a hedge, herbs, pumpkins'),
    'pest': _phrases('slugs, snails, rabbits, greenfly, mice, caterpillars, birds, deer, a mole, beetles, wasps, pigeons, ants, squirrels, a badger'),
    'since': _phrases('since Monday, since Easter, for two weeks, since last winter, since yesterday, for a month, since the storm, since Christmas, for three days, since last Friday, for ages, since the summer, since the move, for a year, since March'),
    'deadline': _phrases('by Friday, by noon, by the end of the month, before Christmas, by Monday morning, by tomorrow evening, by the first of May, before Easter, by Tuesday, by the end of the week, by six tonight, by next Thursday, before the holidays, by the end of June, by Sunday'),
    'program': _phrases('the browser, the printer, the camera, a video, the calendar, the password manager, a big picture, the mail program, a spreadsheet, the music player, the update, a second window, the game, the scanner'),
    'storage': _phrases('on a memory stick, in the cloud, on an old disk, on the laptop, on the phone, on a memory card, in a shoebox, in an album, on the server, on the tablet, on two disks, on a CD'),
    'coding': _phrases('Python, Java, Rust, C, JavaScript, Basic, Pascal, Lisp, Ruby, Fortran, Haskell, Go, Swift, Perl, Scratch'),
    'brand': _phrases('Nokia, Samsung, Motorola, Sony, Siemens, Google Pixel, Fairphone, BlackBerry, Huawei, Philips, Panasonic, Xiaomi, very old Nokia, big Samsung'),
    'weather': _phrases('rain, snow, fog, thunder, hail, frost, strong wind, sunshine, a storm, ice, sleet, drizzle, showers, clouds, a heat wave, black ice, mild weather'),
    'score': _phrases('two all, three to one, four nil, one nil, two to one, five to three, six nil, three all, one all, seven to two, without a goal, four to two'),
    'damage': _phrases('the roof, the fence, the car, the greenhouse, the windows, the chimney, the shed, the carpet, the cellar, the garage door, the hedge, the conservatory, the gutter, the gate'),
    'sign': _phrases('Aries, Taurus, Gemini, Cancer, Leo, Virgo, Libra, Scorpio, Sagittarius, Capricorn, Aquarius, Pisces'),
    'beasts': _phrases('sheep, cows, pigs, chickens, goats, ducks, geese, horses, bees, donkeys, llamas, turkeys, rabbits, ponies, pigeons'),
    'interval': _phrases('every ten minutes, every hour, twice an hour, once a day, every half hour, only at weekends, every quarter of an hour, twice a day, every five minutes, three times a day, only in the morning, every two hours, all night'),
    'help': _phrases('the move, the tax return, the garden, the wedding, the shopping, the homework, the computer, the new kitchen, the speech, the insurance, the baby, the forms, the roof, the cooking, the translation'),
}


def thing_done(random, book_words):
    """What a verb can have behind it: "stamps", "old maps", "the report", a word of the books."""
    kind = random.random()
    if kind < 0.35:
        return random.choice(_THINGS_DONE)
    if kind < 0.6:
        return f'{random.choice(_HOW)} {random.choice(_THINGS_DONE)}'
    if kind < 0.75:
        return f'{random.choice(("the", "the", "a", "the new", "the old"))} {random.choice(_ONES)}'
    return random.choice(book_words)


def spot(random, book_words):
    """Where something lies: "under the piano", "on level 4"."""
    if random.random() < 0.12:
        return f'on {random.choice(("level", "floor", "row", "deck", "page"))} {random.choice(NUMBERS + ["one", "1", "2", "4", "5", "7"])}'
    noun = random.choice(book_words) if random.random() < 0.2 else random.choice(_FURNITURE + PLACES)
    colour = f'{random.choice(COLOURS)} ' if random.random() < 0.15 else ''
    return f'{random.choice(_PREPOSITIONS)} the {colour}{noun}'


def moment(random):
    """When something is: "on Tuesday at ten", "tomorrow", "in June", "at half past six", "on 3 May"."""
    hour = random.choice(NUMBERS[:11])
    clock = random.choice((hour, f'{random.choice(_HOURS)} {hour}', f'{random.randint(1, 23)}:{random.choice(("00", "15", "30", "45", "10", "20"))}', f'{hour} in the morning', f'{hour} in the evening', 'noon'))
    day = random.choice([f'on {random.choice(DAYS)}', f'on {random.choice(DAYS)}', 'tomorrow', 'today', 'next week', f'on {random.randint(1, 28)} {random.choice(MONTHS)}', f'in {random.choice(MONTHS)}', 'next month',
                         f'at the end of {random.choice(MONTHS)}', 'next year', 'in spring', 'in summer', 'in autumn', 'in winter', 'in two weeks'])
    return random.choice((day, day, f'at {clock}', f'at {clock}', f'{day} at {clock}' if day.startswith('on ') or day in ('tomorrow', 'today') else day))


def site(random, book_words):
    return f'{random.choice(("at the", "in a", "at a", "in the"))} {random.choice(book_words) if random.random() < 0.15 else random.choice(_SITES)}'

_STARTS = 'b br c d dr f g gr h j k kl l m n p pr qu r s sh st t tr v w y z'.split() + ['']
_VOWELS = 'a e i o u a e o ai ea oo y'.split()
_ENDS = 'n r l s m k t d th nd x sh v'.split() + [''] * 6


def invented(random):
    """An invented name of two or three syllables, such as "Drelon" or "Kavira"."""
    syllables = random.choice((2, 2, 2, 3))
    word = ''.join(random.choice(_STARTS) + random.choice(_VOWELS) + (random.choice(_ENDS) if i == syllables - 1 or random.random() < .3 else '')
                   for i in range(syllables))
    return word.capitalize()
