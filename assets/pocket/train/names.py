"""Names of real people and towns, in no list of words.py and mostly several tokens long: to be copied piece by piece, so that each piece
of the vocabulary is an answer now and then. Written by hand; names that measurements use are left out.
"""

GIVEN = '''
Aamir Aaron Abdallah Abeer Abena Abhay Achieng Adalgisa Ade Adela Adele Adem Adina Aditi Adjoa Afaf Afshin Agapi Agim Agneta Agustin Ahmed Aine Aisyah
Ajit Akari Akiko Akinyi Akira Alain Alba Albina Albrecht Alec Alejandro Aleksander Alemayehu Alena Alessandro Alfred Alia Alicia Alina Aline Alisher
Alkis Alp Alyona Ama Aman Amanda Amar Amin Aminata Ammar Amos Amparo Amra Amrita Anahit Andras Andrea Andrei Andris Andromachi Angela Anh Anita Anke
Annunziata Anong Anselmo Antje Antoine Anton Antonia Antti Anupam Aoife Aparna Apostolos Arash Ariel Aristides Arman Armand Artem Arthur Artur Arturo
Arun Arunas Arvid Arvo Asha Asher Asli Asma Assefa Assunta Astri Atanas Atsuko Attila Audrey Ava Avinash Aviva Avtandil Axel Ayako Ayhan Ayman Ayo
Aysel Azadeh Azamat Azza Babajide Bahman Balaji Bambang Banu Barry Bartosz Baruch Bas Basma Bastien Batbayar Bayram Beatriz Becky Behrouz Bence Beppe
Berhane Berna Bernard Bernardo Beth Bettina Betty Bharti Biljana Birol Biyu Bjorn Blanche Blanka Blerim Boaz Bogdan Bohdan Bojana Boubacar Bradley
Branislav Brian Brigid Brigitte Bryce Burak Burkhard Bushra Byung Caetano Caleb Callum Calogero Candice Carina Carlos Carrie Caterina Cecilia Celina
Celine Cem Cengiz Cesar Chai Charlotte Chau Chaya Chetan Chidi Chihiro Chinedu Chioma Chloe Christopher Chrysa Chunhua Cinzia Ciprian Claude Clemence
Clemens Clifford Cody Coen Conceicao Constance Corey Cormac Corrado Cosmin Cristina Crystal Cyril Cyrus Dagmar Daiki Dalia Danica Daniyar Dario
Dariusz Darya Davor Dawa Declan Deepa Delia Delphine Deniz Derek Desta Dev Devrim Diem Dieter Dilip Dimitar Dimitra Dirk Dirkje Dmitry Dolly
Dolores Donal Donatella Dongwook Donna Doreen Dorottya Douglas Dragana Dumitru Duong Durga Dusan Dusanka Dustin Dvora Ebenezer Ebo Ece Eckhard Edona
Eduardo Edward Effie Ehsan Eiko Eila Eilidh Einar Eitan Eivind Elazar Eleanor Eleftheria Elisabetta Eliza Elliot Elodie Eloy Elsbeth Elsie Embla Emeka
Emilio Emily Emrys Endang Ender Endre Enzo Erdem Erkan Ernesto Ernst Erwan Esben Esfandiar Esme Esteban Ethel Etsuko Eusebio Evan Evgenia Ewa Fabiana
Fabienne Fabrizio Fadi Fadime Faisal Fang Farai Farida Farideh Farrukh Faruk Farzad Fawzi Felicity Felipe Femke Ferenc Fereydoun Fergus Ferhat Filipe
Finn Fiorella Flora Florian Florin Flutura Folake Fotini Frances Francesco Francisca Frauke Freda Fredrik Fritz Fusun Gabriela Gaelle Galina Garrett
Gautam Geert Genet Genevieve Gennaro Genowefa Georgia Geraint Gerald Gerd Gergely Gerlinde Gershon Gevorg Ghassan Gianni Giannis Gideon Giedre
Gilles Giorgio Girish Giuseppina Gladys Godfrey Golnaz Gonca Gonzalo Gordana Goro Govind Grigory Guadalupe Guang Gudrun Gulsen Gunhild Guntis Guo Guro
Gwen Gwendolyn Gyula Hadassah Haeun Hafiz Haifa Haiyan Hakan Halina Haluk Hamad Hamza Hana Haneen Hannelore Harald Hari Harriet Hartono Haruko Hatice
Hayato Heike Heikki Heinrich Helene Helle Helmut Hema Hemi Hendrik Henrietta Henrique Hernan Hiba Hideo Hieu Hilary Hildegard Hinata Hiroko
Hiroyuki Hirut Hitomi Holly Hongmei Hooman Hristo Hubert Huda Hui Huong Huseyin Huw Hyun Ian Ifeoma Iker Ikram Ilan Ilaria Ileana Ilias Ilkay Ilmari
Ilona Ilse Imad Imani Imants Indu Inga Ingvar Inmaculada Inti Ioana Iona Iraj Irakli Ireneusz Irfan Irina Irma Isabella Isabelle Isamu Isaura Ismet
Iulia Ivica Jaafar Jaakko Jaan Jaap Jacek Jackson Jade Jaehyun Jagdish Jamila Jan Janet Janez Janina Janos Jarmila Jasmine Javier Jayant Jeffrey
Jennifer Jerome Jerzy Jianguo Jill Jimin Jin Jindrich Jiro Jiyeon Joanna Joao Joel Johann Jonah Jordi Jorgen Josef Joseph Josette Josip Joyce Jozef
Juan Juha Julian Juma Jun Jungho Juraj Jurgen Juris Kaarina Kadek Kadri Kaede Kajal Kalani Kalle Kalliopi Kalman Kamal Kamau Kaori Kareena Karen
Karima Karin Karol Kateryna Katla Kaveh Kay Kazimierz Kazuo Keiko Keith Kemal Kenji Kenneth Kerstin Kestutis Khadijah Khalid Khin Kiana Kiran Kiri
Kiril Kirsi Kirsty Kiyoko Knut Koen Koji Kojo Konrad Konstantin Kresimir Krishna Kristoffer Krisztina Krzysztof Kubra Kumari Kunal Kwaku Kyle Kyriakos
Kyungsoo Ladan Ladislav Laetitia Lapo Larisa Lata Laurence Layla Leandro Leena Lei Leilani Leonard Leonie Leopold Lerato Lester Lev Levan Levente
Levon Lien Ligaya Liisa Lijuan Lillian Linnea Lionel Livia Loan Loic Lois Lorenzo Lorraine Lothar Louise Lowri Lubna Lubos Lucie Lucrezia Luiz Luka
Luke Luminita Lupe Lyubomir Lyudmila Maarten Mabel Machiko Madhuri Madina Madison Magda Magnus Mahin Majid Makena Makis Makoa Makoto Malgorzata Malka
Mamta Mandana Manoj Manon Manuela Marcia Marcio Marcos Margery Marguerite Mari Mariano Mariusz Marjorie Markku Marlies Marloes Martha Marwa Masako
Massimo Mateja Mathilde Matias Matilda Matvey Maud Maurizio Mavis Maysa Mayumi Maziar Meera Megan Mehmet Mehrdad Meifeng Meir Melvin Meral Mercedes
Metin Mette Mhairi Michaela Michalis Michel Michele Michelle Midori Mieczyslaw Mihaela Mika Miklos Milorad Milos Milton Mindaugas Mingzhu Minji Minna
Mircea Mirela Misaki Mitchell Miyuki Mladen Mohammed Mohini Mojgan Monica Monika Montserrat Morris Moussa Muhammad Mukami Musa Mustafa Mykhailo Myung
Nachman Nader Nadine Najwa Nakato Nana Nanami Nancy Nandini Narek Narong Nasrin Natasha Nathan Natsuki Navin Nawal Nayeli Necla Neema Neeraj Neil
Nenad Nerea Nermin Nerys Ngaio Ngoc Nicholas Niels Nieves Nikola Nilesh Niloufar Nilufer Nimal Nino Nisha Nizar Njal Njeri Nnamdi Noa Noah Nobuyuki
Noelani Nomvula Norbert Norman Nuala Nuno Nursultan Nyoman Odhiambo Odile Odysseas Okan Oksana Olaf Ole Oleksandr Omid Ondrej Onyeka Opal Oriol Orla
Orville Osama Osman Ostap Ottavia Ovidiu Oyuna Ozgur Paavo Pamela Pankaj Parveen Parviz Pasquale Patrick Pavlos Pawel Paz Pearl Peng Penka Pentti
Percy Petr Petra Peyman Philippe Phillipa Phuc Piers Pilar Pinar Pinchas Pirkko Prabhu Pramod Prashant Praskovya Preecha Prem Preston Priit Prudence
Pushpa Putri Qing Quyen Rabia Rachel Radim Radmila Radoslaw Radost Raed Raffaele Ragnar Rahul Raimonds Rajendra Rakesh Rakoto Rami Ramin Ramon Randi
Rani Rashid Ratan Raymond Razvan Reem Refik Refilwe Reiko Reinhard Remi Renata Renee Reshma Reto Reuben Rhys Ricardo Richard Riku Risto Rocco Roderick
Rodolfo Rogelio Roger Rohit Roos Rosalind Roy Roya Ruairi Rudiger Rune Rupa Rupert Ruslan Rusudan Ruwan Ruzan Ruzica Ryan Ryota Ryszard Saad Sachiko
Sade Saeed Salah Saliha Salim Salvador Salvatore Saman Samantha Samia Sana Sandor Sandrine Sanjeev Sara Sari Sarita Saskia Satoko Saulius Savita
Sayaka Sayani Scarlett Selcuk Selina Semra Seoyeon Serhiy Serpil Shabana Shabnam Shahrzad Shaima Shan Shanti Shaun Sherzod Shigeru Shilpa Shimon
Shinji Shizuka Shobha Shona Shoshana Shufen Shyam Siamak Siarhei Sibel Sibusiso Sidney Siegfried Silvia Silvio Simcha Simone Sindre Siobhan Sita Siti
Sizwe Sjoerd Slavica Slavomir Snezhana Sofoklis Soha Soheila Solveig Somsak Sonali Sophea Sorin Spela Spencer Stanislaw Stefano Steffen Stelios Stella
Stellan Stepan Stephane Steven Stig Stipe Stoyan Sudha Suharto Sujin Suleyman Sumiko Sumit Sunhee Supaporn Suresh Susana Susannah Svein Svenja Swati
Sylvia Tadeusz Taha Taiki Taina Taiwo Takeshi Tam Tamas Tamsin Tamuna Tane Taraneh Taras Tariq Tatiana Tatsuya Tavita Taylor Teemu Tegan Tejas Tenzin
Tessa Thabo Thanasis Themba Theresa Thibault Thora Tiago Tian Tigran Tihomir Tiit Timea Timothy Tinashe Tineke Tolga Tommaso Tomoko Tor Torben Torill
Toshiko Traian Trang Travis Trinidad Trudy Trygve Tsubasa Tuan Tuncay Tuomas Tuya Tzipora Uche Uday Ugur Umberto Unni Urmas Urmila Ute Vaclav Vadim
Vaino Valbona Valdis Valentin Valerie Varun Varvara Vasil Vasilis Vedran Veniamin Vernon Viet Viggo Vijay Viktoriya Vinay Vincent Vinicius Viorica
Virginia Virpi Vittoria Vivek Vladimir Vlasta Vsevolod Waclaw Wael Walburga Walter Wangari Wasim Wati Wayne Wen Wiebke Wilfred Willem Willow Wilmer
Wissam Wladyslaw Woojin Xavier Xiang Xiaoling Ximena Xinyi Xiuying Xuan Xueqin Yael Yana Yanmei Yaretzi Yasar Yasmin Yasuko Yaw Yehudit Yelena Yeliz
Ying Yiorgos Ylva Yonas Yoona Yordanka Yosef Yoshiko Youssef Yu Yui Yukari Yulan Yumi Yuta Yvonne Zaid Zarghuna Zarko Zaw Zdenek Zdzislaw Zeki Zelie
Zhanna Zhen Zhiwei Ziad Zinaida Zita Zixuan Zlatan Zodwa Zohreh Zoltan Zorica Zsuzsa Zubaida Zulema Zulkifli Zvi
'''.split()

FAMILY = '''
Abacha Abadie Abbott Aboud Abramovich Achebe Acosta Adams Afolabi Aguilar Ahluwalia Ahn Akyol Alarcon Albu Aldridge Alekseev Almeida Altmann Alvarado
Amato Andersen Anderson Andrade Angelopoulos Angelov Antonov Aoki Appiah Aquino Archer Arroyo Ashkenazi Ashworth Aslan Atkinson Ayala Azevedo Bachmann
Backstrom Baek Bagheri Bailey Bakker Bakri Balogh Banda Bandara Banerjee Banks Barlow Barrett Barrios Barros Barton Basile Baudelaire Baumann Baxter
Bayar Becker Bell Bellini Belov Benson Berglund Bergmann Berisha Bernini Berthelot Bhattacharya Bird Blackburn Blaha Blake Blum Blumenthal Bonnet
Booth Borges Bosch Botticelli Bouchard Bourgeois Boutros Boyko Boyle Bozic Brady Brandt Brecht Briggs Brown Buchanan Buhari Bui Bulut Burgess Burns
Butcher Byrne Caballero Calabrese Calderon Campbell Cao Cardenas Carlisle Carlsen Carpentier Carr Carter Caruso Carvalho Castaneda Castillo Celik
Cervantes Chakraborty Chamberlain Chapman Chaudhary Cheng Chernov Chevalier Chmielewski Choi Chow Chowdhury Christie Ciobanu Claes Clarke Coetzee
Coleman Colombo Connolly Contreras Coppola Corbett Correia Cortes Coskun Cousteau Cox Crosby Curran Dahl Damico Daneshvar Danielsen Das Davidson Davis
Dekker Delacroix Delaney Demirel Descartes Diallo Diaz Dickens Dietz Dimaculangan Dimitriou Dimitrov Ding Dinh Dixon Dlamini Doherty Donati Donovan
Doyle Duda Duffy Dufour Dumas Dumitrescu Dupont Durand Dutta Dvorak Dykstra Eastwood Ebert Eboue Echeverria Edwards Eisenberg Eklund Endo Engelhardt
Erdogan Eriksen Espinoza Evans Fabbri Farahani Farkas Faulkner Faure Fayed Fedorov Feinstein Fernandez Ferrara Ferreira Ferri Fiedler Finch Fitzgerald
Fleischer Flores Flynn Fong Fontana Forbes Forsberg Foster Fournier Fraser Friedman Frost Fuentes Fujimoto Fukuda Gallagher Gallo Gao Garcia Garner
Garnier Gautier Gebhardt Gebre Ghosh Gibson Gimenez Giordano Giraud Glickman Goddard Gogol Goldman Gomes Gonzalez Gorbachev Gough Graf Graves
Greenberg Greenwood Griffiths Grigoryan Grimaldi Gruber Guan Guimaraes Gulyas Gupta Gutierrez Gwon Hahn Hakim Hall Halonen Hammond Hansen Hanson Hara
Hardy Hariri Harker Harris Hartley Hasegawa Hauser Havel Hayashi Hayes Hedlund Henderson Hendriks Hernandez Herrmann Hesse Hewitt Hidalgo Hijazi Hill
Hofer Holland Holmberg Holt Hopkins Horowitz Horvat Horvath Hosseini Howe Hristov Hruska Hsu Huang Huber Hughes Hunter Hutchinson Huynh Hwang Iglesias
Ikeda Inoue Ioannou Ionescu Iqbal Irving Isaksson Ishii Ivanovic Jablonski Jacobs Jain Jankauskas Jaworski Jayasuriya Jenkins Jensen Jeon
Johansson Johnson Jones Joshi Jovanovic Jung Kalnins Kamehameha Kaminsky Kang Kapanadze Kaplan Kapoor Kara Karimi Karzai Kassem Kato Kaufmann Kaya
Keane Keating Keita Kerr Kessler Khanna Khoury Khumalo Kilic Kimura Kingsley Kiss Kluge Knezevic Knight Kobayashi Kohler Kolar Kolev Komarov Kondo
Konstantinou Korkmaz Koroma Koskinen Kovacs Kovalev Kowalczyk Kozlowski Kravchenko Krejci Krleza Kruger Kuiper Kurosawa Kwiatkowski Kwok Kwon Kyriakou
Lacroix Laine Lambert Lang Langley Langlois Lapidus Lara Larsson Lau Lavoie Leach Lebedev Leclerc Lefevre Lemaire Lenz Leone Levesque Levin Levy Li
Liao Lindgren Lindley Liu Lockwood Loewe Longo Lozano Lund Luo Lynch Maalouf MacLeod Machado Magnusson Mahajan Mahlangu Majewski Makarov Makeba
Makinen Maloney Mandelbaum Manea Mao Marchese Marchetti Marcos Marek Maric Marini Marsden Martinez Martini Martins Maruyama Masri Mathews Matsuda
Mazur Mbeki Mccarthy Mcgrath Mckenzie Mehta Meier Melnik Mendez Mensah Mercer Mertens Messina Meszaros Meunier Meyer Middleton Mihajlovic Mikhailov
Mills Miranda Mishima Mishra Miyamoto Modric Moller Monteiro Montero Moradi Morales Moran Morel Moretti Mori Morrison Moss Moyo Mukherjee Munoz
Murakami Murphy Mutombo Nagy Nakajima Nakano Nascimento Nash Ndlovu Negri Nehru Nemec Neumann Newton Nguyen Nielsen Nikitin Nilsen Nkrumah Noguchi Noh
Nolan Nordstrom Norton Novakovic Novotny Nunes Nunez Nyberg Nyerere Obermann Obi Obrien Oda Odeh Odonnell Okada Okonkwo Olsson Olszewski Onassis
Onyango Orban Orlando Ortega Osborne Ota Otieno Ouyang Ozdemir Ozols Ozturk Pacheco Palumbo Papadopoulos Pappas Paredes Parker Parsons Patel Pavlov
Payne Pearson Peeters Pellegrini Pereira Peretz Perez Perkins Perrault Persson Petit Petkov Petrov Petrovic Phan Pickering Pillai Pinheiro Pinter
Piotrowski Platt Pohl Poirier Popa Porter Powell Pritchard Prochazka Qian Quinn Quintero Quispe Qureshi Rabinowitz Radulescu Rahimi Rajapaksa Ramos
Randolph Rasmussen Reddy Redmond Reynolds Ribeiro Ricci Richards Richter Riley Rios Rizzo Robertson Rodrigues Rodriguez Rogers Romanov Romero
Rosenthal Rossetti Rousseau Rowe Rubin Rubio Rudenko Ruggiero Ruiz Rutherford Saar Sabbagh Sadeghi Sahin Sakai Sala Salazar Sanchez Sandberg Sankara
Santana Santoso Saramago Sargsyan Sartori Sasaki Sauer Saulnier Saunders Savic Scheffler Schmid Schneider Schofield Schreiber Schubert Schumacher
Schwartz Sedlacek Seidel Seo Sesay Sethi Shaheen Sharma Shaw Shen Sheridan Shevchenko Shi Shibata Shin Shrestha Shukla Silveira Silverman Simpson
Sinha Sjoberg Skinner Smetana Smirnov Smith Smits Solano Solovyov Sorensen Sorrentino Soyinka Spinoza Stafford Stankovic Stavropoulos Steele Stein
Stevenson Stoica Stokes Strauss Stromberg Suarez Subramanian Sugiyama Sukarno Sullivan Sun Sutton Sweeney Szalai Szymanski Takagi Takeda Tanaka Tang
Tata Tavares Taylor Tehrani Tekin Thapa Thomsen Thornton Tiwari Tkachenko Todorov Todorovic Toth Townsend Traore Trinh Trujillo Tseng Tupou Turgenev
Turner Uchida Ueda Unal Urban Valencia Valentini Varma Vasseur Vazquez Velasquez Veres Vermeer Vesely Vickers Vidal Vieira Villa Visser Vivaldi Vlahos
Vogel Volkov Vukovic Wagner Walker Wallin Wanjala Ward Watanabe Watkins Watts Webster Wegener Weinstein Werner Wheeler Whitfield Wibowo Wiesel Wijaya
Wilkinson Williamson Winter Wisniewski Wolff Wong Woodward Wouters Wozniak Wright Xiao Xu Yadav Yakovlev Yamaguchi Yamashita Yates Ye Yildirim Yin
Yokoyama Yoo Yuksel Zaitsev Zamora Zayed Zhang Zheng Zhu Ziegler Zielinski Zuma
'''.split()

TOWNS = '''
Aachen Aalborg Aberdeen Abilene Abuja Acapulco Accra Agadez Ahmedabad Ahvaz Aix Albany Albi Alessandria Alesund Alexandria Algeciras Algiers Allahabad
Almeria Alnwick Amarillo Amman Amsterdam Anchorage Ancona Angers Ankara Annecy Antofagasta Aomori Apeldoorn Arad Arequipa Arezzo Arras Arusha Assisi
Astana Astrakhan Asuncion Atlanta Auckland Aurangabad Aveiro Ayutthaya Badajoz Balikesir Baltimore Bamako Bamberg Bandung Bangor Banjul Baoding
Barnstaple Barquisimeto Barranquilla Basingstoke Battambang Batumi Bayonne Beirut Belem Belfast Belgrade Belluno Belmopan Benguela Beppu Bergamo Bern
Besancon Bhopal Bialystok Bielefeld Bikaner Bilbao Birkenhead Bitola Blackburn Bloemfontein Boise Bolzano Boras Bouake Bourges Bournemouth Braila
Bratislava Braunschweig Bray Brazzaville Brecon Bregenz Bremerhaven Bridlington Brindisi Brisbane Bruges Brussels Budva Buffalo Bundaberg Burgas
Burnley Bursa Buxton Cadiz Caen Cajamarca Calama Calgary Cali Cambridge Campinas Canberra Cancun Cannes Cardiff Caserta Castries Cebu Celje Changchun
Charleston Chartres Chattanooga Chelmsford Chengdu Chennai Chernivtsi Chesterfield Chittagong Cienfuegos Cincinnati Coburg Colchester Columbus Como
Constanta Copenhagen Cordoba Corinth Cosenza Cotonou Cottbus Coventry Crotone Culiacan Cusco Daegu Dalat Dalian Damascus Dammam Darjeeling Darkhan
Darlington Daugavpils Davos Dayton Debrecen Denpasar Dhanbad Dieppe Dili Diyarbakir Doha Doncaster Donetsk Dortmund Dover Drammen Dubai Dubrovnik
Duisburg Duluth Dumfries Dundalk Dunedin Dunfermline Dunkirk Durres Edinburgh Eisenach Elblag Elche Enschede Erbil Erlangen Erzurum Espoo Essaouira
Evora Exeter Fairbanks Falmouth Falun Flagstaff Flensburg Foggia Folkestone Fortaleza Foshan Fredericton Freiburg Fremantle Fribourg Fukuoka Funchal
Gaborone Galati Galveston Galway Ganja Gaza Gdynia Giessen Gifu Girona Gloucester Goa Goma Gomel Gondar Gorizia Gottingen Gouda Grimsby Groningen
Guadalajara Guangzhou Guayaquil Guiyang Gwangju Gyor Gyumri Haiphong Hakone Halifax Halle Halmstad Hamar Hamilton Hangzhou Harare Hargeisa Hartlepool
Haugesund Havana Hebron Hefei Heidelberg Helena Helsingor Hereford Hermosillo Hildesheim Himeji Hobart Honiara Hoorn Hualien Huddersfield Huesca
Hyderabad Ibadan Iloilo Incheon Indianapolis Inverness Ioannina Iquique Irbid Irkutsk Isfahan Islamabad Istanbul Jabalpur Jaffa Jaffna Jaisalmer
Jalalabad Jamshedpur Jena Jerez Jerusalem Jihlava Jinan Jinja Johannesburg Jonkoping Juneau Jurmala Jyvaskyla Kabul Kagoshima Kampala Kano Kanpur
Karlstad Kars Kashan Kashgar Kassel Kathmandu Katowice Kavala Kawasaki Keflavik Kelowna Kendal Kettering Khabarovsk Kherson Khiva Khujand Khulna
Killarney Kingstown Kirkuk Kisumu Klagenfurt Klaipeda Klang Kolkata Konstanz Konya Kortrijk Kranj Krasnodar Kristiansand Kumamoto Kursk Kuwait Lahore
Lahti Lancaster Landshut Lanzhou Laramie Larvik Latakia Lecce Leh Leiden Leiria Leominster Lexington Lille Lilongwe Limassol Lincoln Linkoping
Ljubljana Lleida Lodz Londonderry Londrina Lorient Lowestoft Lubeck Lubumbashi Lucerne Ludhiana Lugo Lund Luneburg Lusaka Luton Lutsk Luxor Macau
Maceio Madison Mainz Makassar Malacca Manado Manchester Maracaibo Marbella Marburg Mardin Mariupol Marrakesh Mashhad Massawa Matera Matlock Matsue
Mbabane Mecca Mechelen Medellin Meerut Mekelle Melbourne Messina Metz Mexicali Miami Minneapolis Minsk Miri Miskolc Molde Moncton Monrovia Monza Mopti
Morelia Morioka Moscow Mostar Mulhouse Munster Murcia Muscat Mutare Mwanza Mysore Nablus Nafplio Nagasaki Naha Najaf Nakuru Nampula Namur Nanjing
Nantes Napier Narva Nashik Nashville Nassau Navan Naypyidaw Nazareth Ndjamena Ndola Neuquen Newport Niigata Nijmegen Nimes Ningbo Niteroi Nitra
Norfolk Northampton Nottingham Nouakchott Novgorod Nuuk Odense Odessa Oita Oldenburg Olomouc Olsztyn Omaha Omdurman Omsk Onitsha Oradea Oran Orebro
Oruro Osh Ottawa Ouarzazate Oxford Padua Pakse Palembang Palencia Palmas Pamplona Paphos Paramaribo Pardubice Pasadena Passau Pavia Paysandu Penrith
Penza Pereira Perpignan Perth Pesaro Peshawar Petropolis Philadelphia Phuket Piacenza Pistoia Piura Plock Ploiesti Plovdiv Plymouth Pokhara Polokwane
Ponce Pori Portland Posadas Potenza Preston Prizren Puebla Pula Pune Pyongyang Qom Quanzhou Queenstown Quimper Radom Raipur Raleigh Ranchi Ravenna
Rawalpindi Regensburg Regina Rennes Rhodes Richmond Riobamba Ripon Rockhampton Ronda Rostock Rostov Roswell Rotherham Rouen Salamanca Salerno
Salisbury Salta Salzburg Samara Samarkand Samsun Sanaa Sandefjord Santos Savannah Segovia Semarang Sendai Sfax Shanghai Shenyang Shiraz Shrewsbury
Shymkent Sibenik Siegen Siena Siliguri Sintra Sivas Skelleftea Skopje Smolensk Sopot Sopron Southampton Soweto Spokane Spoleto Stafford Stavanger
Stirling Stornoway Stralsund Subotica Suceava Sucre Sudbury Sumy Sunderland Sundsvall Surat Suva Suzdal Suzhou Swindon Sylhet Szombathely Tabor Tacna
Tainan Takayama Tallahassee Tamale Tampere Tampico Tangier Tanta Taranto Tarragona Tauranga Tegucigalpa Thessaloniki Thimphu Tijuana Tilburg Tiraspol
Toamasina Tobruk Toledo Tomsk Toowoomba Torquay Torreon Torun Toulouse Tournai Tralee Trapani Treviso Trier Trnava Tromso Tucson Tuzla Tver Tyre Ubud
Udine Ufa Ullapool Ulm Ulsan Urfa Urumqi Ushuaia Uzhhorod Vaasa Vadodara Vaduz Valence Valladolid Valletta Valparaiso Varese Vasteras Ventspils Verona
Vichy Vidin Viljandi Visby Vitebsk Vlora Volgograd Vyborg Wakayama Walsall Warwick Waterford Wels Whangarei Wiesbaden Wigan Windhoek Windsor Winnipeg
Worthing Wuhan Wuppertal Xiamen Xining Yalta Yangon Yaounde Yaroslavl Yazd Yeovil Yinchuan Yokohama Zacatecas Zakopane Zamboanga Zamora Zermatt Zhuhai
Zwickau
'''.split()
